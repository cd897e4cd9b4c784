"""The benchmark of the fitting engine. Names of methods in its tables: those of the engine are the config's."""

LOOP = "loop"  # one network at a time in plain torch
BASELINE = "adam"  # the engine with the paper's training, which the others are compared with
START = "start"  # of a fit job's process, up to its first epoch
ALONE = ("forward", "gradient")  # likelihood without and with its gradient, outside any fit
OPTIMISERS = ("gradient", "nelder-mead")  # of cognitive models: ours, and the reference's
