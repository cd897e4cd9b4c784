"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, actions_option, together

of_fits = together(
    click.option("--selected", type=PATH, multiple=True, required=True, help="selected fit of each outer fold"),
    click.option("--scores", "scored", type=PATH, multiple=True, required=True, help="scores of each outer fold"),
    click.option("--root", type=PATH, required=True, help="results folder of the run"),
)
of_task = together(
    click.option("--task", required=True, help="task of the data set"),
    click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)"),
)
complexity_option = click.option("--max-complexity", type=int, required=True, help="of an equation")


@click.command("search-equations")
@of_fits
@of_task
@click.option("--engine", type=click.Choice(["operon", "pysr"]), required=True)
@click.option("--evaluations", type=int, required=True, help="expressions that operon tries")
@complexity_option
@click.option("--output", type=PATH, required=True, help="JSON")
def search(selected: tuple[Path, ...], scored: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Search equations of a model's trials with an engine of genetic programming."""
    from tinycog.analyses.symbolic_regression.search import search as step

    step(list(selected), list(scored), output, **options)


@click.command("choose-equations")
@of_fits
@of_task
@click.option("--searched", type=PATH, help="what an engine found, JSON; none for sparse regression alone")
@click.option("--engine", required=True, help="that found it, or sparse")
@complexity_option
@click.option("--tolerance", type=float, required=True, help="share of the variance that may stay unexplained")
@click.option("--output", type=PATH, required=True, help="folder of tables")
def choose(
    selected: tuple[Path, ...], scored: tuple[Path, ...], searched: Path | None, output: Path, **options: Any
) -> None:
    """Choose an equation for each input condition and variable of a model."""
    from tinycog.analyses.symbolic_regression.choose import choose as step

    step(list(selected), list(scored), searched, output, **options)


@click.command("fit-equations")
@click.option("--trials", type=PATH, multiple=True, required=True, help="trial table of each subject")
@click.option("--fold", type=PATH, multiple=True, required=True, help="inner folds of each outer fold")
@click.option("--rules", type=PATH, required=True, help="what was chosen, JSON")
@of_task
@click.option("--starts", type=int, required=True, help="starts of each inner fold")
@click.option("--output", type=PATH, required=True, help="folder of tables")
def fit(trials: tuple[Path, ...], fold: tuple[Path, ...], rules: Path, output: Path, **options: Any) -> None:
    """Fit the chosen equations to the choices, as a model of their own."""
    from tinycog.analyses.symbolic_regression.fit import fit as step

    step(list(trials), list(fold), rules, output, **options)


@click.command("gather-equations")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
@click.option("--selected", type=PATH, required=True, help="table of selected fits, Parquet")
def gather(root: Path, **options: Any) -> None:
    """Put tables symbolic_regression, formula_rules and formulas together."""
    from tinycog.analyses.symbolic_regression.gather import gather as step

    step(root, **options)


@click.command("equations")
@click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@actions_option
@click.option("--output", type=PATH, required=True)
def plot_equations(**options: Any) -> None:
    """Equations of one model: their fronts of loss and complexity, and those selected."""
    from tinycog.analyses.symbolic_regression.plot import plot_equations as step

    step(**options)


@click.command("formulas")
@click.option("--formulas", type=PATH, required=True, help="table, Parquet")
@click.option("--dataset", required=True)
@click.option("--output", type=PATH, required=True)
def plot_formulas(**options: Any) -> None:
    """Test NLL of models, of their equations and of the best cognitive model."""
    from tinycog.analyses.symbolic_regression.plot import plot_formulas as step

    step(**options)


COMMANDS = (search, choose, fit, gather)
PLOTS = (plot_equations, plot_formulas)
