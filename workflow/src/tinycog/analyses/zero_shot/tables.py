"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.analyses.advantage.tables import ADVANTAGE
from tinycog.analyses.performance.tables import PERFORMANCE, PERFORMANCE_GROUP

WHO = "a student, or a model that was fitted to other subjects"
ZERO_SHOT = replace(
    PERFORMANCE, name="zero_shot", row=f"{WHO}, on the choices of one subject, who was held out: its one outer fold"
)
ZERO_SHOT_GROUP = replace(PERFORMANCE_GROUP, name="zero_shot_group", row=f"{WHO}, over the subjects of a data set")
ZERO_SHOT_ADVANTAGE = replace(
    ADVANTAGE,
    name="zero_shot_advantage",
    row="a student or a network against the best cognitive model that was fitted to other subjects, as in `advantage`",
)
TABLES = (ZERO_SHOT, ZERO_SHOT_GROUP, ZERO_SHOT_ADVANTAGE)
