"""The page of one subject as HTML: claim, dynamics, formulas, checks, rivals, and what would change the claim."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from tinycog.page import agents, card, numbers
from tinycog.page.changes import answers, changes
from tinycog.page.frame import frame, template
from tinycog.page.numbers import Tables
from tinycog.page.reading import READING
from tinycog.trials.subjects import directory

TWO_CHOICES = (
    "A trial with two choices moves three logits: that of the first choice, that of the choice in the state that was "
    "reached, and that in the other state. Figures quiver, linked below, have a panel for each of the 16 kinds of "
    "trial, which would be too small to read here."
)


def one_subject(
    subject: str,
    dataset: str,
    tables: Tables,
    drawn: Mapping[tuple[str, str], Tables],
    figures: Sequence[str],
    meta: Mapping[str, Any],
    about: dict[str, Any],
) -> str:
    """The page of one subject as HTML.

    Args:
        tables: rows of the subject alone.
        drawn: by model and `d{dim}` the tables of its portrait or vector field.
        figures: as for `subject_page`.
    """
    doubts = [doubt for doubt in meta["doubts"] if doubt["subject"] in ("", subject)]
    meta = {**meta, "subjects": [subject], "doubts": doubts}
    row = numbers.subjects({dataset: meta}, tables).iloc[0].to_dict()
    told = tables.get("strategy", pd.DataFrame())
    verdict = told.iloc[0].to_dict() if len(told) else {}
    best = (str(verdict["model"]), int(verdict["dim"])) if pd.notna(verdict.get("model")) else _best(tables)
    actions = about["datasets"][dataset]["actions"]
    asked = about["analyses"].get("strategy")
    evidence = tables.get("strategy_evidence", pd.DataFrame())
    comparison = tables.get("model_comparison", pd.DataFrame())
    said = changes(verdict, evidence, comparison, asked["tolerance"]) if verdict and asked and len(evidence) else []
    return template("subject.html").render(
        **frame(),
        run=about["run"],
        subject=subject,
        dataset=dataset,
        facts=_facts(row),
        flags=row.get("flags") if isinstance(row.get("flags"), str) else None,
        verdict=verdict.get("verdict"),
        no_verdict="No verdict: the run does not ask for analysis strategy." if not asked else "No verdict: no model "
        "could be compared; table excluded says why.",
        answers=answers(verdict),
        parts=[part for part in (*_dynamics(tables, drawn, best, actions, figures),
                                 *_formulas(tables, best, about, dataset), _checks(tables, best),
                                 _rivals(evidence, comparison)) if part],
        changes=said,
        figures=_by_model(figures, dataset, directory(subject)),
        examples=_of_cards(),
        texts=READING,
    )  # fmt: skip


def _by_model(figures: Sequence[str], dataset: str, subject: str) -> dict[str, list[tuple[str, str]]]:
    """What figures show, as a model and its d, or the subject: (kind, name) of each."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in figures:
        kind, rest = name.split(f"__{dataset}__{subject}", 1)
        of = rest.strip("_").replace("__d", ", d = ") or "all models"
        found.setdefault(of, []).append((kind.replace("_", " "), name))
    return found


def _best(tables: Tables, among: Collection[tuple[str, int]] | None = None) -> tuple[str, int] | None:
    """Model and dim with the lowest test NLL, of all or of those `among`."""
    finite = tables["performance"].dropna(subset="test_nll")
    if among is not None:
        finite = finite[[place in among for place in zip(finite["model"], finite["dim"], strict=True)]]
    if finite.empty:
        return None
    row = finite.loc[finite["test_nll"].idxmin()]
    return str(row["model"]), int(row["dim"])


def _facts(row: Mapping[str, Any]) -> list[str]:
    found = []
    for key, text in (("trials", "{:.0f} trials"), ("missed", "{:.0f} missed"), ("reward", "reward rate {:.3f}"),
                      ("nll", "test NLL {:.4f} nats per choice")):  # fmt: skip
        if pd.notna(row.get(key)):
            found.append(text.format(row[key]))
    if isinstance(row.get("model"), str):
        found.append(f"best model {row['model']}")
    if pd.notna(row.get("d_reference")):
        found.append(f"d* = {row['d_reference']:.0f}{row.get('d_reference_note') or ''} by rule reference")
    return found


def _part(kind: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        **{"kind": kind, "title": title, "note": "", "lines": [], "parameters": [], "figures": [], "rows": []},
        **more,
    }


def _dynamics(
    tables: Tables,
    drawn: Mapping[tuple[str, str], Tables],
    best: tuple[str, int] | None,
    actions: Sequence[str],
    figures: Sequence[str],
) -> list[dict[str, Any]]:
    """Portraits of the network and of the hand-written model with one variable that predict best, and the field of the
    best model with two variables, or with several actions.
    """
    nll = tables["performance"].dropna(subset="test_nll").sort_values("test_nll", kind="stable")
    own = (nll["model"] == best[0]) & (nll["dim"] == best[1]) if best else pd.Series(False, nll.index)
    preferred = pd.concat([nll[own], nll[~own]])
    of_families = (_first(nll[nll["family"] == family], drawn, "maps") for family in ("rnn", "cognitive"))
    portraits = [
        (heading, card.portrait(card.curves_of(*(of[name] for name in ("maps", "roots", "visited"))), actions))
        for heading, of in filter(None, of_families)
    ]
    fields = [
        (heading, card.field(card.steps_of(*(of[name] for name in ("steps", "field_roots", "axes", "field"))), actions))
        for heading, of in filter(None, [_first(preferred, drawn, "steps")])
    ]
    values = [
        (heading, card.values(of["value_field"], of["value_trials"]))
        for heading, of in filter(None, [_first(preferred, drawn, "value_field")])
    ]
    kinds = (
        ("portrait", "Portrait: one variable", portraits),
        ("field", "Vector field: two variables", fields),
        ("values", "Field of values: several actions", values),
    )
    found = [_part(kind, title, figures=made) for kind, title, made in kinds if made]
    two_choices = any(name.startswith("quiver__") for name in figures)
    return found + ([_part("quiver", "Dynamics: two choices in a trial", note=TWO_CHOICES)] if two_choices else [])


def _first(models: pd.DataFrame, drawn: Mapping[tuple[str, str], Tables], name: str) -> tuple[str, Tables] | None:
    """Heading and tables of the first of the models for which table `name` has rows."""
    for row in models.itertuples():
        of = drawn.get((row.model, f"d{row.dim}"), {})
        if name in of and len(of[name]):
            return f"{numbers.named(row.model, row.dim)}, outer fold {of[name]['outer'].min()}", of
    return None


def _formulas(
    tables: Tables, best: tuple[str, int] | None, about: Mapping[str, Any], dataset: str
) -> list[dict[str, Any]]:
    """The best hand-written model with its equations and parameters, and equations that were found in dynamics."""
    of_data, found = about["datasets"][dataset], []
    if len(summary := tables.get("parameters_summary", pd.DataFrame())):
        named = set(zip(summary["model"], summary["dim"], strict=True))
        if written := best if best in named else _best(tables, named):
            which = "" if written == best else ", the hand-written model that predicts best"
            lines = of_data["equations"].get(written[0], [])
            codes = ", ".join(f"{code} is {name}" for code, name in enumerate(of_data["actions"]))
            elsewhere = "Its equations are in docs/methods.md, 6. Cognitive models."
            note = f"Here {about['notation']}; of the actions {codes}." if lines else elsewhere
            parameters = card.parameters(summary, *written)
            title = f"Formula: {numbers.named(*written)}{which}"
            found.append(_part("formula", title, lines=lines, parameters=parameters, note=note))
    lines = card.equations(tables.get("symbolic_regression", pd.DataFrame()), of_data["actions"])
    if len(table := tables.get("setpoints", pd.DataFrame())):
        model = numbers.scalar_network(tables["performance"], table["model"])
        straight = card.straight(table[table["model"] == model], of_data["actions"])
        lines += [f"{model}, d = 1, as a straight line {line}" for line in straight]
    return [*found, *([_part("formula", "Formulas of dynamics", lines=lines)] if lines else [])]


def _checks(tables: Tables, best: tuple[str, int] | None) -> dict[str, Any] | None:
    worst = tables.get("behaviour_discrepancy", pd.DataFrame())
    if best is None or worst.empty:
        return None
    own = worst[(worst["source"] == best[0]) & (worst["dim"] == best[1])].dropna(subset="z")
    rows = [
        {"measure": row.measure.replace("_", " "), "where it differs most": row.cell,
         "model": card.KINDS[row.kind][0], "difference (standard errors)": f"{row.z:z.1f}",
         "beyond 2": f"{row.share_above_2:.0%} of {row.n_cells}"}
        for row in own.itertuples()
    ]  # fmt: skip
    drawn = card.checked(tables, *best)
    figures = [(numbers.named(*best), card.checks(drawn))] if drawn else []
    note = "" if rows else "Nothing could be compared; table behaviour_discrepancy says why."
    return _part("checks", "Predictive checks", figures=figures, rows=rows, note=note)


def _rivals(evidence: pd.DataFrame, comparison: pd.DataFrame) -> dict[str, Any] | None:
    if evidence.empty and comparison.empty:
        return None
    figures = [("What models assume", card.evidence(evidence))] if len(evidence) else []
    rows = [
        {"model": numbers.named(row.model, row.dim), "test NLL": f"{row.test_nll:.4f}",
         "behind the preferred (nats per 1,000 choices)": _interval(row)}
        for row in comparison.head(8).itertuples()
    ]  # fmt: skip
    return _part("evidence", "Rivals", figures=figures, rows=rows)


def _interval(row: Any) -> str:
    ends = "" if pd.isna(row.low) else f" ({numbers.MILLI * row.low:z.1f} to {numbers.MILLI * row.high:z.1f})"
    return f"{numbers.MILLI * row.loss:z.1f}{ends}"


def _of_cards() -> dict[str, list[dict[str, Any]]]:
    """By kind of figure the same figure of one known agent of each kind."""
    draw = {
        "portrait": lambda own: card.portrait(own, ["action 1", "action 2"]),
        "field": lambda own: card.field(own, ["action 1", "action 2"]),
        "checks": card.checks,
        "evidence": lambda own: card.evidence(own["table"]),
    }
    found: dict[str, list[dict[str, Any]]] = {}
    for one in agents.known():
        for kind, own in one.card.items():
            if own:
                found.setdefault(kind, []).append({**one.about, "picture": draw[kind](own), "ranges": None})
    return found
