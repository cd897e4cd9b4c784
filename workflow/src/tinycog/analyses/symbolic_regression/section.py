"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import AtMost, OfModels


class SymbolicRegression(OfModels):
    """Equations of what a trial does to models with one or two dynamical variables, and these equations as models.

    For two actions and one choice in a trial. Models with a subject embedding, and those that remember the last trial
    beside their variables, are left out.
    """

    key: ClassVar[str] = "symbolic_regression"
    summary: ClassVar[str] = "equations of one and two dynamical variables"

    engine: Literal["operon", "pysr", "sparse"] = Field(
        "operon",
        description="what looks for equations: `operon` (pyoperon), `pysr` (the paper's; it needs Julia), or `sparse`: "
        "sparse regression on a fixed library, whose equations compete with those of the other two as well",
    )
    evaluations: Annotated[int, AtMost(3_000_000, "a search is given one minute")] = Field(
        100_000,
        ge=1000,
        description="expressions that `operon` tries for each input condition and variable; 100,000 take two seconds",
    )
    max_complexity: int = Field(
        20,
        ge=1,
        le=50,
        description="largest number of operators, variables and constants of an equation",
    )
    tolerance: float = Field(
        1e-4,
        ge=0,
        lt=1,
        description="share of the variance of a change that may stay unexplained: equations below it count as equally "
        "good, and the simplest is selected",
    )
    starts: Annotated[int, AtMost(1000, "each is a fit in every inner fold")] = Field(
        3,
        ge=1,
        description="starts of the fit of an equation to the choices: the constants found, and others beside them",
    )

    def problems(self, config: Any) -> list[str]:
        clashes = [name for name in config.models if name.removesuffix(FORMULA) in config.models and FORMULA in name]
        return super().problems(config) + [
            f"models.{name}: the name is that of the equations of model {name.removesuffix(FORMULA)!r} in tables "
            "(analyses.symbolic_regression); call it otherwise"
            for name in clashes
            if name.endswith(FORMULA)
        ]


FORMULA = "_formula"  # a model's equations, as a model, have its name and this
SECTION = SymbolicRegression
