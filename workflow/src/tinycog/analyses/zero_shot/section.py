"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from tinycog.sections.base import AnalysisSection
from tinycog.tasks.relabelling import relabellings

PLACE = "analyses.zero_shot"


class ZeroShot(AnalysisSection):
    """Students of subjects whom their teacher has never seen.

    In data sets with `cv.protocol: cross_subject`. The teacher is a network of the run, fitted to the training subjects
    of an outer fold; for each held-out subject a student learns the teacher's probabilities along the subject's trials,
    and is tested on the subject's choices.
    """

    summary: ClassVar[str] = "students of subjects whom the teacher has never seen"

    teacher: str = Field(description="the teacher, a network under `models` that is fitted to the data set")
    units: int | None = Field(
        None, ge=1, le=128, description="its number of units, one of its `dims`; null takes the most"
    )
    students: list[str] = Field(
        min_length=1,
        description="models that learn from the teacher, at their dims. They are not fitted to the data set otherwise: "
        "give them `datasets: []`",
    )
    relabel: int = Field(
        1,
        ge=0,
        le=2,
        description="relabelled copies of the subject's trials that train a network, as a data set's `augment`, while "
        "the trials themselves validate; 0: the same trials do both",
    )

    def pools(self, config: Any) -> list[str]:
        """The data sets."""
        return [name for name in config.datasets if config.folds(name)["protocol"] == "cross_subject"]

    def problems(self, config: Any) -> list[str]:
        if not (pools := self.pools(config)):
            return [f"{PLACE}: no data set has cv.protocol cross_subject, which holds subjects out"]
        networks = [name for name, model in config.models.items() if model.family == "rnn" and model.stands_alone]
        able = [name for name in networks if not config.models[name].subject_embedding]
        if self.teacher not in able:
            allowed = f"allowed: a network without subject_embedding, {', '.join(able) or 'of which there is none'}"
            return [f"{PLACE}.teacher: found {self.teacher!r}; {allowed}"]
        found = []
        for name in pools:
            dims = config.dims(self.teacher)[name]
            if not dims:
                found.append(
                    f"{PLACE}.teacher: {self.teacher!r} is not fitted to data set {name!r}; see its `datasets`"
                )
            elif self.units and self.units not in dims:
                found.append(f"{PLACE}.units: found {self.units}; allowed: dims of {self.teacher!r}, {dims}")
            try:
                if self.relabel:
                    relabellings(config.datasets[name].task_object, self.relabel)
            except ValueError as error:
                found.append(f"{PLACE}.{str(error).replace('augment:', 'relabel:')} (data set {name!r})")
        for student in dict.fromkeys(self.students):
            if student not in config.models or not config.models[student].stands_alone:
                free = [name for name, model in config.models.items() if model.stands_alone]
                allowed = f"allowed: models without a teacher and without a population, {', '.join(free)}"
                found.append(f"{PLACE}.students: found {student!r}; {allowed}")
            elif both := [name for name in pools if config.fitted_to(student, name)]:
                why = f"it is fitted to data set {both[0]!r} itself, beside which a student of that name cannot stand"
                found.append(f"{PLACE}.students: {student!r}: {why}; give it `datasets: []`")
        return found


SECTION = ZeroShot
