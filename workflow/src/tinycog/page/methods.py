"""A methods paragraph and its references, from the config and the data: what was done, with its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PAPER = (
    "Ji-An, Benna & Mattar 2025, Discovering cognitive strategies with tiny recurrent neural networks, "
    "Nature 644, 993-1001, doi 10.1038/s41586-025-09142-4"
)
# as docs/methods.md, Sources, has them
ADAM = "Kingma & Ba 2015, arXiv 1412.6980"
CELLS = {
    "gru": "Cho et al. 2014, arXiv 1406.1078",
    "mi_gru": "Wu et al. 2016, arXiv 1606.06630",
    "rnn": "Elman 1990, Cognitive Science 14, 179-211",
    "low_rank_rnn": "Mastrogiuseppe & Ostojic 2018, Neuron 99, 609-623",
    "lstm": "Hochreiter & Schmidhuber 1997, Neural Computation 9, 1735-1780",
    "mingru": "Feng et al. 2024, arXiv 2410.01201",
    "minlstm": "Feng et al. 2024, arXiv 2410.01201",
}
SOURCES = {
    "akam_tr": "Akam et al. 2021, Neuron 109, 149-163, doi 10.1016/j.neuron.2020.10.013",
    "akam_rts": "Akam et al. 2021, Neuron 109, 149-163, doi 10.1016/j.neuron.2020.10.013",
    "akam_prl": "Akam et al. 2021, Neuron 109, 149-163, doi 10.1016/j.neuron.2020.10.013",
    "bahrami": "Bahrami & Navajas 2020, OSF, doi 10.17605/OSF.IO/F3T2A",
    "bartolo": "Bartolo et al. 2020, PLoS Comput Biol 16, e1007514; data doi 10.17632/p7ft2bvphx.1",
    "gillan": "Gillan et al. 2016, eLife 5, e11305",
    "miller": "Miller, Botvinick & Brody 2022, eLife 11, e64575; data doi 10.6084/m9.figshare.20449140",
    "suthaharan": "Suthaharan et al. 2021, Nat Hum Behav 5, 1190-1202",
}
UNITS = {
    "blocks": "blocks",
    "session": "sessions",
    "cross_subject": "subjects",
    "interspersed": "single trials",
    "holdout": "the last trials of blocks",
}
ANALYSES = {
    "dimensionality": "The dimensionality d* of behaviour is the largest number of dynamical variables with which "
    "networks predict significantly better than with every smaller one (paired one-sided t-tests over outer folds, "
    "p ≤ 0.05; rule reference); three other rules stand beside it.",
    "portraits": "Of models with one dynamical variable, the exact change of the logit by each kind of trial, its "
    "fixed points and their stability were computed from the fitted parameters.",
    "fields": "Of models with two variables, steps of the state and fixed points were computed for each kind of trial.",
    "stability": "Fixed points, attractors and Lyapunov exponents were found for every model.",
    "behaviour": "Each model was compared with the subject's stays, reversals and history effects, along the subject's "
    "own choices and, where the task is known, playing it; differences are in standard errors over blocks.",
    "strategy": "Verdicts on strategies compare sets of assumptions by test NLL, with percentile intervals over "
    "resampled test blocks: what lies above the best with its whole interval is ruled out, and what assumes more must "
    "gain more than {tolerance:g} nats per choice.",
    "symbolic_regression": "Equations of the maps were found by symbolic regression.",
    "dynamical_regression": "The change of each logit or value was regressed on the values before the trial.",
    "distillation": "Students were trained on the choice probabilities that a teacher, fitted to all subjects "
    "together, gives to nested parts of a target's trials, and compared with the same models fitted to these trials.",
    "zero_shot": "Subjects were held out as a whole: students were trained on the choice probabilities that a teacher, "
    "fitted to the other subjects, gives to their trials.",
}


def paragraph(about: Mapping[str, Any], metas: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Sentences, in paragraphs.

    Args:
        about: what `tinycog.page.outputs.about` says of the config.
        metas: meta.json of each data set by its name.
    """
    parts = [" ".join(_data(name, about["datasets"][name], meta) for name, meta in metas.items())]
    parts.append(" ".join([*_models(about), *_folds(about), *_training(about)]))
    asked = about["analyses"]
    told = [text.format(**{"tolerance": 0, **(asked[name] or {})}) for name, text in ANALYSES.items() if name in asked]
    return [*parts, " ".join(told)] if told else parts


def _data(name: str, about: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    counts = [meta["counts_analysed"][subject] for subject in meta["subjects"]]
    scored, blocks = (sum(of[key] for of in counts) for key in ("scored", "blocks"))
    whose = "simulated subject" if meta["source"] == "simulate" else "subject"
    dropped = sum(mark["mark"] == "drop" for mark in meta.get("marks", ()))
    parts = [
        f"Data set {name} (source {meta['source']}, task {meta['task']}) has {_counted(len(counts), whose)} with "
        f"{_counted(scored, 'scored choice')} in {_counted(blocks, 'block')}."
    ]
    if meta["removed"]:
        parts.append(f"Left out with a reason (meta.json): {_counted(len(meta['removed']), 'part')} of the data.")
    if dropped:
        parts.append(f"Dropped after visual inspection of a previous run: {_counted(dropped, 'subject')}.")
    return " ".join(parts)


def _models(about: Mapping[str, Any]) -> list[str]:
    # a model without sizes is fitted to no data set: it is the student or the baseline of an analysis
    fitted = {name: spec for name, spec in about["models"].items() if spec["dims"]}
    networks = [
        f"{name} ({spec['cell']} with {_listed(spec['dims'])} unit{'s' * (spec['dims'] != [1])})"
        for name, spec in fitted.items()
        if spec["family"] == "rnn"
    ]
    cognitive = [name for name, spec in fitted.items() if spec["family"] == "cognitive"]
    if not fitted:
        return []
    parts = [f"recurrent networks {_listed(networks)}"] if networks else []
    parts += [f"the cognitive models {_listed(cognitive)}"] if cognitive else []
    return [f"We fitted {' and '.join(parts)} to the choices of each subject (tinycog {about['version']})."]


def _folds(about: Mapping[str, Any]) -> list[str]:
    by_words: dict[str, list[str]] = {}
    for name, section in about["datasets"].items():
        cv = section["cv"]
        inner = f"{cv['n_inner']} inner folds" if cv["n_inner"] > 1 else "one inner fold"
        what = f"nested cross-validation over {UNITS[cv['protocol']]} with {cv['outer']} outer and {inner}"
        by_words.setdefault(what, []).append(name)
    if len(by_words) == 1:
        return [f"Fits used {next(iter(by_words))}."]
    return [f"In {_listed(names)} fits used {words}." for words, names in by_words.items()]


def _training(about: Mapping[str, Any]) -> list[str]:
    training = about["training"]
    measure = (
        "In each outer fold the fit with the lowest validation loss was kept, and scored on test choices that no fit "
        "saw; losses are negative log-likelihoods in nats per choice (NLL)."
    )
    if not any(spec["family"] == "rnn" for spec in about["models"].values()):
        return [measure]
    l1 = sorted({value for spec in about["models"].values() for value in spec.get("l1") or ()})
    penalty = f" and an L1 penalty of {_listed(f'{value:g}' for value in l1)} on recurrent weights" if l1 else ""
    return [
        f"Networks were trained by Adam (learning rate {training['learning_rate']:g}{penalty}) for at most "
        f"{training['max_epochs']:,} epochs, until the validation loss had not fallen for {training['patience']} of "
        f"them, from {training['seeds']} {'initialisation' if training['seeds'] == 1 else 'initialisations'} each.",
        measure,
    ]


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'s' * (n != 1)}"


def _listed(values: Any) -> str:
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def references(about: Mapping[str, Any], metas: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Sorted: the paper, the optimiser and the cells of networks, and of public data whoever published them."""
    specs = [spec for spec in about["models"].values() if spec["family"] == "rnn"]
    cells = [CELLS[spec["cell"]] for spec in specs if spec["cell"] in CELLS]
    data = [SOURCES[meta["source"]] for meta in metas.values() if meta["source"] in SOURCES]
    return sorted({PAPER, *([ADAM] if specs else []), *cells, *data})
