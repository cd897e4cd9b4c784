"""The jobs of a run that fit, and how long each is expected to take: for plans, progress, status and resources."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from tinycog.analyses.data_requirement import outputs as data_requirement
from tinycog.analyses.data_requirement.compute import n_inner_of, n_of_share
from tinycog.analyses.dimensionality import outputs as dimensionality
from tinycog.analyses.distillation import design
from tinycog.analyses.distillation import outputs as distillation
from tinycog.analyses.model_recovery import outputs as model_recovery
from tinycog.analyses.parameter_recovery import outputs as parameter_recovery
from tinycog.analyses.symbolic_regression import outputs as symbolic_regression
from tinycog.analyses.zero_shot import outputs as zero_shot
from tinycog.config import Config
from tinycog.fitting import cognitive
from tinycog.fitting.kernels.cell import UNROLLED_UNITS
from tinycog.fitting.kernels.fused import has_kernel, is_layer
from tinycog.models import registry
from tinycog.models.cognitive.declaration import MOST_ON_GRID
from tinycog.results.layout import Layout
from tinycog.sections.fits import OneTraining
from tinycog.setup import costs
from tinycog.setup.costs import Costs
from tinycog.storage import read_json
from tinycog.tasks.relabelling import relabellings
from tinycog.trials.subjects import POOLED, analysed, directory

TYPICAL_EPOCHS, POWER = {"adam": 1000, "fast": 350}, -0.27  # of one unit, and the power of units that they go with
# of a start; `nelder-mead` for each parameter
TYPICAL_EVALUATIONS = {"grid": 15, "random": 700, "nelder-mead": 120, "formula": 120}
OF_POPULATION = 600  # evaluations of slopes for each subject and inner fold of a population
# seconds for each equation: of operon's process and of an expression that it tries (PySR was not timed and is taken to
# need as long), and of the choice among what was found
SEARCH, EXPRESSION, CHOICE = 0.2, 1e-5, 0.3
FORWARD = 0.5  # part of a gradient's time that a likelihood alone takes
NUMBERED = ("outer", "simulation")  # wildcards that change nothing about how long a job takes


@dataclass(frozen=True)
class Jobs:
    """Jobs of one rule that differ in a number alone, of the outer fold or of the simulation, from 0 on.

    Attributes:
        where: the rule's other wildcards.
        n: how many jobs.
        fits, seconds: of one job; seconds of one core.
    """

    rule: str
    where: Mapping[str, str]
    n: int
    fits: int
    seconds: float


@dataclass(frozen=True)
class DataSet:
    """What the time of fits depends on.

    Attributes:
        subjects: those that can be cross-validated.
        sizes: subject, or all pooled: blocks and trials, without relabelled copies.
        places: directory of fits, a subject's or a chunk's: its subjects.
        copies: relabelled copies of every block.
    """

    config: Config
    name: str
    meta: Mapping[str, Any]
    measured: Costs
    cv: Mapping[str, Any]
    subjects: list[str]
    sizes: Mapping[str, tuple[int, int]]
    places: Mapping[str, list[str]]
    copies: int

    @classmethod
    def of(cls, config: Config, meta: Mapping[str, Any], measured: Costs) -> DataSet:
        """From what the data set's `meta.json` says, or will say."""
        name, section = meta["dataset"], config.datasets[meta["dataset"]]
        cv, layout = config.folds(name), Layout(Path(), config.chunks)
        subjects, _ = analysed(meta, cv)
        sizes = {subject: (own["blocks"], own["trials"]) for subject, own in meta["counts_analysed"].items()}
        sizes[POOLED] = tuple(map(sum, zip(*sizes.values(), strict=True)))
        places: dict[str, list[str]] = {}
        for subject in subjects:
            places.setdefault(layout.directory(name, directory(subject)), []).append(subject)
        copies = len(relabellings(section.task_object, section.augment)) if section.augment else 0
        return cls(config, name, meta, measured, cv, subjects, sizes, places, copies)

    @property
    def task(self) -> Any:
        return self.config.datasets[self.name].task_object

    @property
    def job(self) -> float:
        """Seconds of a job that does next to nothing."""
        return self.measured.others["job"]

    @property
    def fitted(self) -> float:
        """The part of all blocks that counts in full: test is left out, and validation needs no gradient."""
        if self.cv["outer"] == 1:
            return 1.0  # every block has choices to train on
        return (1 - 1 / self.cv["outer"]) * _with_validation(self.cv["n_inner"])

    def seconds(
        self, training: OneTraining, spec: dict[str, Any], model: Any, replicas: float, subject: str, blocks: float
    ) -> float:
        """Of fits to so many blocks as long as the subject's are on average."""
        own, trials = self.sizes[subject]
        return SECONDS[model.family](training, spec, model, replicas, (-(-trials // own), blocks), self.measured)

    def refitted(self, models: Mapping[str, Mapping[str, Any]], subjects: Iterable[str]) -> tuple[int, float]:
        """Fits and seconds of all these models in all outer folds, one job, to what is played in subjects' places.

        Args:
            models: name: its `dims` and `spec`.
        """
        fits, seconds, subjects = 0, self.job, list(subjects)
        for about in models.values():
            for dim in about["dims"]:
                model = registry.build(self.task, about["spec"], dim)
                replicas = self.cv["inner"] * _starts(model, about["spec"])
                fits += self.cv["outer"] * replicas * len(subjects)
                options = (self.config.training, about["spec"], model, replicas)
                of_fold = (self.seconds(*options, one, self.sizes[one][0] * self.fitted) for one in subjects)
                seconds += self.cv["outer"] * sum(of_fold)
        return fits, seconds


def jobs(config: Config, meta: Mapping[str, Any], measured: Costs) -> Iterator[Jobs]:
    """All jobs of a data set that fit.

    Args:
        meta: content of the data set's `meta.json`.
    """
    data = DataSet.of(config, meta, measured)
    kinds = (_models, _teachers, _refits, _shares, _power, _played, _held_out, _distillation, _recovery, _equations)
    for kind in kinds:
        yield from kind(data)


def _models(data: DataSet) -> Iterator[Jobs]:
    """Fits of the run's models, and the populations that some need first."""
    config, cv = data.config, data.cv
    for name in config.models:
        spec = config.model_slice(name)
        for dim in config.dims(name)[data.name]:
            model = registry.build(data.task, spec, dim)
            replicas = cv["inner"] * _starts(model, spec)
            for place, subjects in data.places.items():
                sizes = {subject: data.sizes[subject][0] * (1 + data.copies) * data.fitted for subject in subjects}
                options = (config.training, spec, model, replicas)
                seconds = data.job + sum(data.seconds(*options, *of_subject) for of_subject in sizes.items())
                where = {"dataset": data.name, "subject": place, "model": name, "dim": str(dim)}
                yield Jobs("fit_model", where, cv["outer"], replicas * len(subjects), seconds)
            if spec.get("prior") == "population":
                values = cv["inner"] * sum(data.sizes[subject][1] for subject in data.subjects) * data.fitted
                seconds = data.job + OF_POPULATION * values * data.measured.others["slopes"]
                yield Jobs("fit_population", {"dataset": data.name, "model": name}, cv["outer"], 0, seconds)


def _teachers(data: DataSet) -> Iterator[Jobs]:
    """Teachers that models of the run follow."""
    for name in dict.fromkeys(data.config.taught(data.name).values()):
        section = data.config.teachers[name]
        spec, training = section.slice(), section.training or data.config.training
        model = registry.build(data.task, spec, section.units, len(data.subjects))
        replicas = data.cv["inner"] * _starts(model, spec)
        blocks = sum(data.sizes[subject][0] for subject in data.subjects) * (1 + data.copies) * data.fitted
        seconds = data.job + data.seconds(training, spec, model, replicas, POOLED, blocks)
        yield Jobs("fit_teacher", {"dataset": data.name, "teacher": name}, data.cv["outer"], replicas, seconds)


def _refits(data: DataSet) -> Iterator[Jobs]:
    """Cognitive models fitted to all choices."""
    config = data.config
    if not config.analyses.parameters or not config.analyses.parameters.refit:
        return
    for name in config.interpretable:
        if config.models[name].prior != "none":
            continue
        spec = config.model_slice(name)
        for dim in config.dims(name)[data.name]:
            model = registry.build(data.task, spec, dim)
            replicas = _starts(model, spec)
            for place, subjects in data.places.items():
                options = (config.training, spec, model, replicas)
                of_all = (data.seconds(*options, subject, data.sizes[subject][0]) for subject in subjects)
                where = {"dataset": data.name, "subject": place, "model": name}
                yield Jobs("refit_parameters", where, 1, replicas * len(subjects), data.job + sum(of_all))


def _shares(data: DataSet) -> Iterator[Jobs]:
    """Fits to shares of the blocks (data requirement), the subject's own and simulated ones."""
    section = data.config.analyses.data_requirement
    outside = {
        subject: data.sizes[subject][0] - -(-data.sizes[subject][0] // data.cv["outer"]) for subject in data.subjects
    }
    for name, of in data_requirement.dims(data.config).items():
        spec = data.config.model_slice(name)
        for dim in of.get(data.name, []):
            model = registry.build(data.task, spec, dim)
            for place, subjects in data.places.items():
                where = {"dataset": data.name, "subject": place, "model": name, "dim": str(dim)}
                own = [(subject, share, n_of_share(share, outside[subject]), data.copies)
                       for subject in subjects for share in section.shares if share < 1]  # fmt: skip
                yield _of_shares(data, "fit_shares", where, spec, model, own)
                if section.simulate:
                    most = max(section.simulate.blocks)
                    played = [(subject, n / most, n, 0) for subject in subjects for n in section.simulate.blocks]
                    yield _of_shares(data, "fit_simulated", where, spec, model, played)


def _of_shares(
    data: DataSet, rule: str, where: dict[str, str], spec: dict[str, Any], model: Any, parts: list[tuple]
) -> Jobs:
    """`parts`: subject, share, blocks and relabelled copies of each of everything that is fitted in one job."""
    fits, seconds = 0, data.job
    for subject, share, n, copies in parts:
        n_inner = n_inner_of(share, data.cv["n_inner"])
        if n < n_inner:
            continue  # it is left out
        replicas = min(data.cv["inner"], n_inner) * _starts(model, spec)
        blocks = n * (1 + copies) * _with_validation(n_inner)
        fits += replicas
        seconds += data.seconds(data.config.training, spec, model, replicas, subject, blocks)
    return Jobs(rule, where, data.cv["outer"], fits, seconds)


def _power(data: DataSet) -> Iterator[Jobs]:
    """Competing networks fitted to what the network with d* units plays."""
    models = dimensionality.networks(data.config, data.name)
    n = dimensionality.n_simulations(data.config) if models else 0
    for place, subjects in data.places.items() if n else ():
        where = {"dataset": data.name, "subject": place}
        yield Jobs("simulate_networks", where, n, *data.refitted(models, subjects))


def _played(data: DataSet) -> Iterator[Jobs]:
    """All models fitted to what each of them plays (model recovery)."""
    config = data.config
    if not model_recovery.kept(config):
        return
    section, models = config.analyses.model_recovery, model_recovery.fitted(config, data.name)
    first = set(data.subjects[: section.subjects])
    for place, subjects in data.places.items():
        if not (there := first & set(subjects)):
            continue
        of_job = data.refitted(models, there)
        for name in config.models:
            for dim in config.dims(name)[data.name]:
                where = {"dataset": data.name, "subject": place, "model": name, "dim": str(dim)}
                yield Jobs("fit_played", where, section.simulations, *of_job)


def _held_out(data: DataSet) -> Iterator[Jobs]:
    """Students of the subjects who are held out in an outer fold (zero-shot)."""
    config, section = data.config, data.config.analyses.zero_shot
    if data.name not in zero_shot.datasets(config):
        return
    blocks, n = data.sizes[POOLED][0] / data.cv["outer"], len(data.meta["subjects"]) / data.cv["outer"]
    copies = len(relabellings(data.task, section.relabel)) if section.relabel else 0
    for name, dim in zero_shot.students(config, data.name):
        spec = config.model_slice(name)
        model = registry.build(data.task, spec, dim)
        replicas = _starts(model, spec)
        fitted = blocks * (1 + copies * config.models[name].uses_training)
        seconds = data.job + data.seconds(config.training, spec, model, replicas, POOLED, fitted)
        where = {"dataset": data.name, "model": name, "dim": str(dim)}
        yield Jobs("fit_held_out_students", where, data.cv["outer"], round(replicas * n), seconds)


def _distillation(data: DataSet) -> Iterator[Jobs]:
    """Teachers, students and baselines of targets."""
    config, section = data.config, data.config.analyses.distillation
    if data.name not in distillation.datasets(config):
        return
    found = design.pool(data.meta, section.model_dump())
    copies = len(relabellings(data.task, section.relabel)) if section.relabel else 0
    (of_all, trials), job = data.sizes[POOLED], data.job
    length = -(-trials // of_all)

    def of(
        rule: str,
        where: dict[str, Any],
        n_targets: int,
        training: OneTraining,
        spec: dict[str, Any],
        blocks: int,
        **how: bool,
    ) -> Jobs:
        model = registry.build(data.task, spec, where["dim"], len(data.meta["subjects"]))
        replicas = _starts(model, spec)
        fitting = SECONDS[model.family](training, spec, model, replicas, (length, blocks), data.measured, **how)
        kept = {key: str(value) for key, value in where.items() if rule != "fit_target_teacher" or key != "dim"}
        return Jobs(rule, {"dataset": data.name, **kept}, 1, n_targets * replicas, job + n_targets * fitting)

    layout = Layout(Path(), config.chunks)
    for (place, n), targets in distillation.grouped(layout, found, unseen=section.new_subjects).items():
        here, number = {"target": place, "n": n}, len(targets)
        for width in (width for width in found.widths if n or width):
            where = here | {"width": width, "dim": section.teacher.units}
            how = (section.teacher.training or config.training, distillation.teacher(config, width), of_all)
            yield of("fit_target_teacher", where, number, *how)
        for name in (*section.networks(config), *section.baselines(config)) if n else ():
            spec, own = config.model_slice(name), config.models[name]
            alone, taught = ("solo", "student") if own.uses_training else ("cognitive", "soft_cognitive")
            for dim in own.dims_on(name, data.task):
                where = here | {"model": name, "dim": dim}
                yield of("fit_without_teacher", where | {"method": alone}, number, config.training, spec, n)
                for mode in section.modes if own.uses_training else ["soft"]:
                    by_torch = {"by_torch": True} if mode == "align" else {}
                    blocks = n * (1 + copies) if own.uses_training and not by_torch else n
                    where |= {"method": taught, "mode": mode}
                    yield of("fit_student", where, number, config.training, spec, blocks, **by_torch)


def _recovery(data: DataSet) -> Iterator[Jobs]:
    """Cognitive models fitted to all choices of agents with known parameters."""
    config = data.config
    for dataset, name in parameter_recovery.places(config):
        if dataset != data.name:
            continue
        section, spec, agents = config.datasets[dataset], config.model_slice(name), config.analyses.parameter_recovery
        model = registry.build(data.task, spec, None)
        replicas = _starts(model, spec)
        shape = (section.n_trials, section.n_blocks)
        each = SECONDS[model.family](config.training, spec, model, replicas, shape, data.measured)
        if spec.get("prior") == "population":
            each += OF_POPULATION * math.prod(shape) * data.measured.others["slopes"]
        where = {"dataset": dataset, "model": name}
        yield Jobs("recover_parameters", where, 1, replicas * agents.agents, data.job + agents.agents * each)


def _equations(data: DataSet) -> Iterator[Jobs]:
    """Equations of fitted models: searched, chosen, and fitted to the choices (symbolic regression)."""
    section, cv = data.config.analyses.symbolic_regression, data.cv
    for name, of in symbolic_regression.dims(data.config).items():
        for dim in of.get(data.name, []):
            for place, subjects in data.places.items():
                where = {"dataset": data.name, "subject": place, "model": name, "dim": str(dim)}
                n = cv["outer"] * len(subjects) * len(data.task.conditions) * dim  # an equation for each variable
                if section.engine != "sparse":
                    seconds = data.job + n * (SEARCH + EXPRESSION * section.evaluations)
                    rule = "search_equations_with_pysr" if section.engine == "pysr" else "search_equations"
                    yield Jobs(rule, where, 1, 0, seconds)
                yield Jobs("choose_equations", where, 1, 0, data.job + n * CHOICE)
                replicas = cv["outer"] * cv["inner"] * section.starts
                values = sum(data.sizes[subject][1] for subject in subjects)
                each = TYPICAL_EVALUATIONS["formula"] * data.measured.others["slopes"] * data.fitted
                yield Jobs("fit_formula", where, 1, replicas * len(subjects), data.job + replicas * each * values)


def _starts(model: Any, spec: dict[str, Any]) -> int:
    """Fits of a model to one training set."""
    return math.prod(map(len, import_module(model.fitted_by).starts(model, spec)))


def _with_validation(n_inner: int) -> float:
    """The part of training and validation blocks that counts in full."""
    return 1 - (1 - FORWARD) / n_inner


def _network_seconds(
    training: OneTraining,
    spec: dict[str, Any],
    model: Any,
    replicas: float,
    shape: tuple[int, float],
    measured: Costs,
    by_torch: bool = False,
) -> float:
    """Seconds of one job's fits of networks, to this number of trials in this number of blocks."""
    epochs = min(training.max_epochs, TYPICAL_EPOCHS[training.optimizer] * model.n_units**POWER)
    values = epochs * replicas * shape[0] * shape[1]
    if by_torch or not has_kernel(model):
        return epochs * shape[0] * measured.others["step"] + values * model.n_units * measured.others["value"]
    units = max(model.n_units, UNROLLED_UNITS + 1) if is_layer(model) else model.n_units
    return values * measured.gradient(model.cell, units)


def _cognitive_seconds(
    training: OneTraining, spec: dict[str, Any], model: Any, replicas: float, shape: tuple[int, float], measured: Costs
) -> float:
    """Seconds of one job's fits of a cognitive model, to this number of trials in this number of blocks."""
    n, of = model.n_parameters, measured.others
    on_grid = n <= MOST_ON_GRID
    if cognitive.has_prior(spec):
        replicas *= cognitive.n_seeds(model, spec["seeds"])
    points = cognitive.GRID.size**n if on_grid else cognitive.POOL * replicas
    if spec["optimizer"] == "nelder-mead":
        each = TYPICAL_EVALUATIONS["nelder-mead"] * n * of["alone"]
    else:
        each = TYPICAL_EVALUATIONS["grid" if on_grid else "random"] * of["slopes"]
    return (points * of["likelihood"] + replicas * each) * shape[0] * shape[1]


SECONDS = {"rnn": _network_seconds, "cognitive": _cognitive_seconds}  # by family


@dataclass(frozen=True)
class Expected:
    """Seconds of every job of a run, of data sets that have been prepared."""

    config: Config
    layout: Layout
    measured: Costs = field(default_factory=costs.read)
    known: dict[str, dict[tuple, float]] = field(default_factory=dict)

    def seconds(self, rule: str, wildcards: Mapping[str, Any]) -> float:
        """Of one job, as planned; of a job that fits nothing, or whose data are not known, that of an empty one."""
        of_fits = self._of(wildcards["dataset"]) if "dataset" in dict(wildcards.items()) else {}
        return of_fits.get(_key(rule, wildcards), self.measured.others["job"])

    def _of(self, dataset: str) -> dict[tuple, float]:
        if dataset not in self.known:
            meta = self.layout.meta(dataset)
            if not meta.is_file():
                return {}
            found = jobs(self.config, read_json(meta), self.measured)
            self.known[dataset] = {_key(one.rule, one.where): one.seconds for one in found}
        return self.known[dataset]


def _key(rule: str, wildcards: Mapping[str, Any]) -> tuple:
    return rule, *sorted((name, str(value)) for name, value in wildcards.items() if name not in NUMBERED)
