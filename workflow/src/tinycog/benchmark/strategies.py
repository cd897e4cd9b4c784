"""Table `strategies`: verdicts on simulated agents against what their models assume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tinycog.analyses.strategy.traits import BASED, BAYES, CANNOT, DRIFT, FREE, LEAKY, NO, YES, traits
from tinycog.tasks import Task

QUESTIONS = ("update", "learning_rate", "planning", "perseveration", "indifference", "bias")
RARE_REWARDS_ARE_LOST = ("MBsvlr", "MBsflr", "MBsah", "MBsah_carried")  # their utility of a rare reward is 0


def truth(task: Task, model: str, parameters: Mapping[str, float]) -> dict[str, str]:
    """Question: the right answer about an agent, of questions that its equations answer.

    A learning rate is constant unless what learns is a belief. Of the agents that are used only a constant one with p
    other than one half prefers an action.
    """
    says = traits(task, model)
    bias = parameters.get("p", 0.5)
    found = {
        "update": says.update,
        "learning_rate": {LEAKY: "constant", DRIFT: "constant", BAYES: "depends on the logit"}.get(says.update or ""),
        "planning": says.planning,
        "perseveration": says.perseveration,
        "indifference": NO if says.planning in (FREE, BASED) else YES if model in RARE_REWARDS_ARE_LOST else None,
        "bias": "none" if bias == 0.5 else "second action" if bias > 0.5 else "first action",
    }
    return {question: answer for question, answer in found.items() if answer}


def confusion(strategy: pd.DataFrame, truths: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """How many agents of each kind got which answer: one row for each data set, question and answer.

    Args:
        strategy: table `strategy` of the agents' run; questions that it does not answer are left out.
        truths: data set: question: the right answer.
    """
    rows: list[dict[str, Any]] = []
    for dataset, right in truths.items():
        own = strategy[strategy["dataset"] == dataset]
        for question in (name for name in QUESTIONS if name in right and own[name].notna().any()):
            for answer, n in own[question].fillna(CANNOT).value_counts(sort=False).sort_index().items():
                rows.append(
                    {
                        **{"dataset": dataset, "question": question, "truth": right[question], "answer": answer},
                        **{"n": int(n), "n_agents": len(own), "right": answer == right[question]},
                        "wrong": answer not in (right[question], CANNOT),
                    }
                )
    return pd.DataFrame(rows)


def shares(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Shares of right and of wrong answers, and of those that could not be told.

    Args:
        table: what `confusion` gives.
        by: columns whose values have a row each; none for one row of all.
    """
    counted = table.assign(right=table["n"] * table["right"], wrong=table["n"] * table["wrong"])
    sums = (
        counted.groupby(by, sort=False)[["n", "right", "wrong"]].sum()
        if by
        else counted[["n", "right", "wrong"]].sum().to_frame().T
    )
    found = sums[["right", "wrong"]].div(sums["n"], axis=0)
    return found.assign(cannot=(sums["n"] - sums["right"] - sums["wrong"]) / sums["n"], n=sums["n"])


def in_markdown(table: pd.DataFrame) -> str:
    """The table for people: a row for each question and kind of agent, and the sum of all."""
    lines = [
        "| question | agents | right answer | n | right | wrong | cannot be told | answers |",
        "|---|---|---|---:|---:|---:|---:|---|",
    ]
    keys = ["question", "dataset", "truth"]
    order = {name: place for place, name in enumerate(QUESTIONS)}
    found = shares(table.sort_values("question", key=lambda of: of.map(order), kind="stable"), keys)
    for (question, dataset, right), row in found.iterrows():
        own = table[(table["question"] == question) & (table["dataset"] == dataset)]
        answers = ", ".join(f"{answer} {n}" for answer, n in zip(own["answer"], own["n"], strict=True))
        lines.append(f"| {question} | {dataset} | {right} | {int(row['n'])} | {_three(row)} | {answers} |")
    for question, row in shares(table, ["question"]).iterrows():
        lines.append(f"| **{question}** | all | | {int(row['n'])} | {_three(row)} | |")
    (of_all,) = (row for _, row in shares(table, []).iterrows())
    lines.append(f"| **all** | all | | {int(of_all['n'])} | {_three(of_all)} | |")
    return "\n".join(lines) + "\n"


def _three(row: pd.Series) -> str:
    return " | ".join(f"{100 * row[name]:.0f} %" for name in ("right", "wrong", "cannot"))
