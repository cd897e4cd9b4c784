"""Functions and constants of the other files: the checked config, the data sets that are there, code of each rule."""

import shlex
import sys
from pathlib import Path

SOURCE = Path(workflow.basedir).parent / "src"
sys.path.insert(0, str(SOURCE))

from tinycog import storage
from tinycog.benchmark import ALONE, KERNEL, LOOP, OPTIMISERS
from tinycog.benchmark import config as bench_config
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.sources import registry as source_registry
from tinycog.trials import subjects


include: "../rules/shared.smk"


# times are those of one thread
THREADS = " ".join(f"{name}_NUM_THREADS=1" for name in ("OMP", "MKL", "OPENBLAS"))
shell.prefix(f"set -euo pipefail; export PYTHONPATH={shlex.quote(str(SOURCE))} {THREADS}; ")


def checked_config():
    """The config, checked; what is wrong ends the run before any job starts."""
    try:
        return bench_config.load(config, "config/bench.yaml")
    except InputError as error:
        sys.exit(f"tinycog: {error}")


def present():
    """Data sets whose files are there; the others are left out, with a message."""
    found = []
    for name, section in CONFIG.datasets.items():
        try:
            source_registry.check(section.source, name, CONFIG.options(name), Path(CONFIG.raw))
            found.append(name)
        except InputError as error:
            if name == bench_config.TUTORIAL:
                sys.exit(f"tinycog: {error}")
            if workflow.is_main_process:
                print(f"data set {name} is left out: {error}", file=sys.stderr)
    return found


CONFIG = checked_config()
PRESENT = present()
TIMED_CELLS = [*CONFIG.kernels.torch, *CONFIG.kernels.cells]


def cell_code(step, cell):
    """Code of a step, of the cell that it runs and of that cell's kernel."""
    kernel, own = registry.kernel(cell), registry.cell(cell)
    return code(step, own.__module__, own.fitted_by, *([kernel] if kernel else []))


def calibration_code():
    """Code of a calibration, and of every network that it fits."""
    return [cell_code("tinycog.benchmark.steps.calibrate", cell) for cell in CONFIG.dimensionality.dims]


def cognitive_code(wildcards):
    """Code of timed fits of a cognitive model."""
    task = CONFIG.datasets[wildcards.dataset].task_object
    model = {"family": "cognitive", "model": wildcards.model}
    kind = registry.kind(task, model)
    return code("tinycog.benchmark.steps.time_engine", kind.__module__, kind.fitted_by)


def protocol(study, dataset):
    """The protocol of a data set's fits in a study."""
    return CONFIG.study(study).protocols[dataset]


# inputs of data.smk


def raw_files(wildcards):
    source = source_registry.load(CONFIG.datasets[wildcards.dataset].source)
    return [str(path) for path in source.files(CONFIG.options(wildcards.dataset), Path(CONFIG.raw))]


def every_subject(wildcards):
    """Trial tables of all subjects of the data set."""
    meta = checkpoints.prepare_data.get(dataset=wildcards.dataset).output.meta
    names = storage.read_json(meta)["subjects"]
    return [f"<bench>/data/{wildcards.dataset}/subjects/{subjects.directory(name)}.parquet" for name in names]


# inputs and options of times.smk


def fold_files(wildcards, study=None, n_outer=None):
    """Fold files of a data set's fits, or the first of them."""
    study = study or wildcards.study
    outer = range(protocol(study, wildcards.dataset).cv.folds()["outer"])[:n_outer]
    return [f"<bench>/folds/{study}/{wildcards.dataset}/outer{k}.parquet" for k in outer]


def loop_folds(wildcards):
    """Fold files that the loop runs."""
    return fold_files(wildcards, n_outer=CONFIG.loop.outer)


def cognitive_folds(wildcards):
    """Fold files of a data set's fits of cognitive models."""
    return fold_files(wildcards, "cognitive")


def model_options(wildcards):
    """Command-line options of fits of networks: task and model."""
    task = CONFIG.datasets[wildcards.dataset].task_object
    model = as_json(CONFIG.model_slice(wildcards.study, wildcards.dataset))
    return ["--task", task.name, "--n-actions", task.n_actions, "--model", model]


def fit_options(wildcards, method):
    """Command-line options of fits by one method."""
    training = as_json(CONFIG.training_slice(wildcards.study, wildcards.dataset, method))
    return [*model_options(wildcards), "--training", training]


def methods(wildcards):
    """Training options of every method of the engine."""
    return as_json({name: CONFIG.training_slice(wildcards.study, wildcards.dataset, name) for name in CONFIG.methods})


def cognitive_options(wildcards):
    """Command-line options of timed fits of a cognitive model."""
    task = CONFIG.datasets[wildcards.dataset].task_object
    starts = {"optimizer": wildcards.optimiser, "seeds": CONFIG.cognitive.protocols[wildcards.dataset].seeds}
    model = {"family": "cognitive", "model": wildcards.model, **starts}
    dim = registry.cognitive(task, wildcards.model).n_dynamical
    return [
        *("--task", task.name, "--n-actions", task.n_actions, "--dim", dim),
        *("--model", as_json(model), "--training", "{}"),
    ]


def turns(seconds):
    """How often, and for how long, each way is timed."""
    return f"--repeats {CONFIG.turns.repeats} --seconds {seconds}"


# inputs of tables.smk


def fitted(study):
    """Data sets of a study that are there."""
    return [name for name in CONFIG.study(study).protocols if name in PRESENT]


def timed_cognitive():
    """Tables of timed fits of every cognitive model, by both optimisers."""
    stem = "<bench>/times/cognitive/{dataset}/{optimiser}/{model}.parquet"
    return [
        stem.format(dataset=name, optimiser=optimiser, model=model)
        for name in fitted("cognitive")
        for model in registry.keys(CONFIG.datasets[name].task_object)
        for optimiser in OPTIMISERS
    ]


def sizes(study):
    """Data sets of a study that are there, and numbers of units."""
    return [(name, dim) for name in fitted(study) for dim in CONFIG.study(study).dims]


def fits(study, methods):
    """Tables of fits by these methods."""
    stem = "<bench>/times/{study}/{dataset}/{method}/d{dim}.parquet"
    places = [(name, dim, method) for name, dim in sizes(study) for method in methods]
    return [stem.format(study=study, dataset=name, method=method, dim=dim) for name, dim, method in places]


def timed():
    """Tables of fits timed in turns."""
    return [f"<bench>/times/engine/{name}/together/d{dim}.parquet" for name, dim in sizes("engine")]


def timed_kernels():
    """Tables of timed kernels."""
    return [f"<bench>/times/{name}.parquet" for name in (*(f"cells/{cell}" for cell in TIMED_CELLS), "few")]
