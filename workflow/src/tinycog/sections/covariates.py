"""What is known of each subject as a whole: columns of the data's own table, or a file of its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tinycog.sections.base import PathText, Section


class Covariates(Section):
    """What is known of each subject as a whole, such as diagnosis, age or genotype, for analysis `covariates`.

    A list stands for `columns`, and a text for `file`.
    """

    file: PathText | None = Field(
        None,
        description="table with one row for each subject, CSV or the like, or Parquet; a relative path is looked up "
        "beside the config file, then in the working folder, then in `raw`. null: columns of the user's own table of "
        "trials (source `table`), with one value for each subject",
    )
    columns: list[str] | None = Field(
        None, min_length=1, description="columns that are kept; null takes all of the file but that of the ids"
    )
    subject: str = Field(
        "subject",
        description="column of the file with the subjects' ids as the data have them, to the letter; where the data "
        "set has a `condition` they are the persons' ids",
    )
    separator: Literal[",", ";", "\t", "|", " "] = Field(",", description="what is between the cells of the file")
    decimal: Literal[".", ","] = Field(".", description="decimal point of the file, or comma")
    encoding: str = Field("utf-8", description="encoding of the file")

    @model_validator(mode="after")
    def _written(self) -> Covariates:
        if self.decimal == self.separator:
            raise ValueError("decimal: found ',' beside separator ','; allowed: different ones")
        return self


def _short(value: Any) -> Any:
    """A list of columns, or the name of a file, as a section."""
    if isinstance(value, str):
        return {"file": value}
    return ({"columns": value} if value else None) if isinstance(value, list) else value


Given = Annotated[
    Covariates | None, BeforeValidator(_short, json_schema_input_type=str | list[str] | Covariates | None)
]
ABOUT = (
    "what is known of each subject as a whole (diagnosis, age), kept in table `subjects` and compared with what a run "
    "finds of it: the name of a file with a row for each subject, or more about it, as below"
)
