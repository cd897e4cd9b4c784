"""Whether quantities of subjects vary with their covariates (methods: covariates)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tinycog.analyses.covariates.quantities import KEYS
from tinycog.sources.covariates import PERSON
from tinycog.sources.reading import numbers

LEVEL = 0.95
FEWEST = 2  # subjects of a group, or persons with both conditions
FEWEST_RANKED = 4  # of which the interval of a rank correlation has an error
NO_TEST = {"effect": None, "low": None, "high": None, "statistic": None, "p": None}
Found = tuple[dict[str, Any], list[dict[str, Any]]]  # a row of the tests, and the rows of its groups


def compare(
    quantities: pd.DataFrame,
    subjects: pd.DataFrame,
    *,
    conditions: Mapping[str, str],
    decimals: Mapping[str, str],
    groups: Sequence[str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the tables `covariates` and `covariate_groups`.

    Args:
        quantities: what `of_tables` gives.
        subjects: table `subjects`.
        conditions: data set: the column of its conditions, of data sets that have any.
        decimals: data set: the decimal sign of its covariates.
        groups: covariates that are groups even if they are numbers.
    """
    tests: list[dict[str, Any]] = []
    means: list[dict[str, Any]] = []
    for dataset, rows in subjects.groupby("dataset", sort=False):
        of_subject = rows.pivot(index="subject", columns="covariate", values="value")
        of_subject = of_subject.reindex(list(dict.fromkeys(rows["subject"])))  # in the order of the data
        names = list(dict.fromkeys(rows["covariate"]))
        own = quantities[(quantities["dataset"] == dataset) & quantities["subject"].isin(of_subject.index)]
        found: list[dict[str, Any]] = []
        for place, values in own.groupby(KEYS, sort=False, dropna=False):
            known = {key: at for key, at in zip(KEYS, place, strict=True) if not pd.isna(at)}
            keys = {"dataset": dataset, "model": None, "dim": None} | known
            row = values.set_index("subject")["value"].reindex(of_subject.index)
            for test, of_groups in _tests(row, of_subject, names, conditions.get(dataset), decimals[dataset], groups):
                found.append(keys | test)
                means += [keys | {"covariate": test["covariate"]} | group for group in of_groups]
        tests += corrected(found)
    return tests, means


def _tests(
    values: pd.Series,
    of_subject: pd.DataFrame,
    names: Sequence[str],
    condition: str | None,
    decimal: str,
    groups: Sequence[str],
) -> Iterator[Found]:
    """The tests of one quantity, `values` by subject, against each covariate."""
    person = of_subject[PERSON] if condition else of_subject.index.to_series()
    if condition:
        yield from _between_conditions(values, person, of_subject[condition])
    of_person = values.groupby(person, sort=False).mean()  # of those conditions that have it
    for name in names:
        if name in (PERSON, condition):
            continue
        covariate = of_subject[name].fillna("").groupby(person, sort=False).first()
        known = covariate.ne("") & np.isfinite(of_person)
        text, number = covariate[known], numbers(covariate[known].tolist(), decimal)
        ranked = name not in groups and bool(np.isfinite(number).all())
        y = of_person[known].to_numpy()
        test, of_groups = with_number(number, y) if ranked else with_groups(text.to_numpy(), y)
        yield {"covariate": name, "n_missing": len(known) - test["n"], **test}, of_groups


def _between_conditions(values: pd.Series, person: pd.Series, condition: pd.Series) -> Iterator[Found]:
    """Every two conditions, of the persons that have both."""
    wide = pd.DataFrame({"person": person, "condition": condition, "value": values})
    wide = wide.pivot(index="person", columns="condition", values="value")
    order = list(dict.fromkeys(condition))
    means = [group(name, wide[name].dropna().to_numpy()) for name in order if wide[name].notna().any()]
    for i, (first, second) in enumerate(combinations(order, 2)):
        both = wide[[first, second]].dropna()
        test = paired(both[first].to_numpy(), both[second].to_numpy())
        row = {"covariate": condition.name, "contrast": f"{second} - {first}", "n_missing": len(wide) - len(both)}
        yield row | test, ([] if i else means)


def with_number(x: np.ndarray, y: np.ndarray) -> Found:
    """Spearman's rank correlation; its interval by Fisher's z with the variance of Bonett and Wright (2000)."""
    row = {"test": "Spearman", "contrast": "", "n": len(y)}
    if len(y) < FEWEST_RANKED:
        return row | NO_TEST | {"reason": f"fewer than {FEWEST_RANKED} subjects"}, []
    if reason := _constant(x, "covariate") or _constant(y, "quantity"):
        return row | NO_TEST | {"reason": reason}, []
    rho, p = stats.spearmanr(x, y)
    half = stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt((1 + rho**2 / 2) / (len(y) - 3))
    with np.errstate(divide="ignore"):  # a rho of 1 stays 1
        low, high = np.tanh(np.arctanh(rho) + np.array([-half, half]))
    return row | {"effect": rho, "low": low, "high": high, "statistic": rho, "p": p, "reason": ""}, []


def with_groups(labels: np.ndarray, y: np.ndarray) -> Found:
    """Welch's t-test of two groups, Kruskal-Wallis of more; groups of a single subject do not count in the test."""
    means = [group(label, y[labels == label]) for label in sorted(set(labels))]
    parts = {one["group"]: y[labels == one["group"]] for one in means if one["n"] >= FEWEST}
    row = {"contrast": "", "n": sum(map(len, parts.values()))}
    if len(parts) < 2:
        reason = f"fewer than two groups of at least {FEWEST} subjects"
        return row | {"test": "Welch t"} | NO_TEST | {"reason": reason}, means
    together = np.concatenate(list(parts.values()))
    if len(parts) > 2:
        row |= {"test": "Kruskal-Wallis"}
        if reason := _constant(together, "quantity"):
            return row | NO_TEST | {"reason": reason}, means
        h, p = stats.kruskal(*parts.values())
        effect = h / (len(together) - 1)  # epsilon squared
        return row | NO_TEST | {"effect": effect, "statistic": h, "p": p, "reason": ""}, means
    (first, a), (second, b) = parts.items()
    row |= {"test": "Welch t", "contrast": f"{second} - {first}"}
    if reason := "" if np.ptp(a) or np.ptp(b) else "the quantity does not vary within the groups":
        return row | NO_TEST | {"reason": reason}, means
    tested = stats.ttest_ind(b, a, equal_var=False)
    within = np.sqrt((a.var(ddof=1) * (len(a) - 1) + b.var(ddof=1) * (len(b) - 1)) / (len(a) + len(b) - 2))
    return row | _difference(b.mean() - a.mean(), tested.confidence_interval(LEVEL), within, tested), means


def paired(a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Wilcoxon's signed-rank test of b against a, of the same persons."""
    row, change = {"test": "Wilcoxon signed rank", "n": len(a)}, b - a
    if len(a) < FEWEST:
        return row | NO_TEST | {"reason": f"fewer than {FEWEST} persons with both conditions"}
    if not np.ptp(change):
        return row | NO_TEST | {"reason": "the difference does not vary between persons"}
    interval = stats.ttest_1samp(change, 0).confidence_interval(LEVEL)
    return row | _difference(change.mean(), interval, change.std(ddof=1), stats.wilcoxon(change))


def _difference(mean: float, interval: Sequence[float], sd: float, tested: Any) -> dict[str, Any]:
    """A difference of means and its interval, in standard deviations, and the test of it."""
    low, high = (end / sd for end in interval)
    of_test = {"statistic": tested.statistic, "p": tested.pvalue, "reason": ""}
    return {"effect": mean / sd, "low": low, "high": high, **of_test}


def _constant(values: np.ndarray, what: str) -> str:
    return "" if np.ptp(values) else f"the {what} does not vary"


def group(label: str, y: np.ndarray) -> dict[str, Any]:
    """Mean of a group, with Student's interval where there are two subjects."""
    half = np.nan
    if len(y) > 1:
        half = stats.t.ppf((1 + LEVEL) / 2, len(y) - 1) * y.std(ddof=1) / np.sqrt(len(y))
    return {"group": label, "mean": y.mean(), "low": y.mean() - half, "high": y.mean() + half, "n": len(y)}


def corrected(tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with `q`: p-values corrected for all of them together (Benjamini and Hochberg 1995)."""
    p = np.array([np.nan if test["p"] is None else test["p"] for test in tests])
    q = np.full(len(p), np.nan)
    if not np.isnan(p).all():
        q[~np.isnan(p)] = stats.false_discovery_control(p[~np.isnan(p)])
    return [test | {"q": value} for test, value in zip(tests, q, strict=True)]
