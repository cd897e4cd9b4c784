"""The benchmark of the fitting engine. Names of methods in its tables: those of the engine are the config's."""

LOOP = "loop"  # one network at a time in plain torch
STACKED = "stacked"  # all networks of a job at once in plain torch, in float64 as the others
STACKED_FLOAT32 = "stacked_float32"
LOOP_CELL = "gru"  # of the loops
REFERENCES = (LOOP, STACKED, STACKED_FLOAT32)  # what the engine is compared with
BASELINE = "adam"  # the engine with the paper's training, which the others are compared with
START = "start"  # of a fit job's process, up to its first epoch
ALONE = ("forward", "gradient")  # likelihood without and with its gradient, outside any fit
KERNEL, TORCH = "kernel", "torch"  # ways to evaluate them, beside `STACKED`: compiled; the package's cells by torch
OPTIMISERS = ("gradient", "nelder-mead")  # of cognitive models: ours, and the reference's
