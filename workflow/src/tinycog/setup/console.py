"""What is printed of a run's events: a line now and then in place of Snakemake's block for every job.

Events are log records with a name (`record.event.name`), as Snakemake 9 makes them. They are told apart by that name
alone, so that nothing of Snakemake is imported.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from tinycog.setup import running

STEPS = 20  # progress lines of a run, about
UNTOLD = re.compile(r"Config file \S+ is \w+ by|Assuming unrestricted shared filesystem|Adding \S+ \(")  # of no use
OF_FAILURE = re.compile(  # what Snakemake says of a failed job beside the record of it
    r"RuleException.*CalledProcessError|.*(job execution failed|one job did not complete)", re.DOTALL
)


class Console(logging.Handler):
    """Stands in front of the handler that prints, and passes on to it what is not about single jobs.

    It prints nothing of its own before a run has started, so that reports, locks and lists are told as ever.
    """

    def __init__(self, printer: logging.StreamHandler, left: Callable[[str], int], closing: Callable[[], list[str]]):
        """`left`: rule to its jobs that are not done; `closing`: lines for the end of a run that has nothing to do."""
        super().__init__()
        self.printer, self.left, self.closing = printer, left, closing
        self.running = self.stopped = False
        self.jobs: dict[int, tuple[str, str, list[str]]] = {}  # those that run: rule, wildcards, logs
        self.done: Counter[str] = Counter()
        self.last_rule, self.step = "", 0

    def emit(self, record: logging.LogRecord) -> None:
        if self.stopped:
            return
        kind = getattr(getattr(record, "event", None), "name", "")
        if kind == "WORKFLOW_STARTED":
            self.running = True
        elif not self.running:
            if not UNTOLD.match(record.getMessage()):
                self.printer.handle(record)
        elif kind in ("RUN_INFO", "JOB_INFO", "JOB_FINISHED", "PROGRESS", "JOB_ERROR"):
            self.say(getattr(self, f"_{kind.lower()}")(record))
        elif record.getMessage().startswith("Nothing to be done"):
            self.say(["Nothing to do: everything is up to date.", *self.closing()])
        elif getattr(record, "for_people", False):
            self.say([record.getMessage()])
        elif record.levelno >= logging.WARNING and not OF_FAILURE.match(record.getMessage()):
            self.printer.handle(record)

    def say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.printer.stream.write(f"{line}\n")
        self.printer.flush()

    def _run_info(self, record: logging.LogRecord) -> list[str]:
        more = ", and those of each subject, once the data are prepared" if "prepare_data" in record.stats else ""
        return [f"{record.stats['total']} jobs to run{more}"]

    def _job_info(self, record: logging.LogRecord) -> list[str]:
        wildcards = ", ".join(f"{name}={value}" for name, value in record.wildcards.items())
        self.jobs[record.jobid] = (record.rule_name, wildcards, list(record.log))
        return []

    def _job_finished(self, record: logging.LogRecord) -> list[str]:
        self.last_rule, _, logs = self.jobs.pop(record.job_id, ("", "", []))
        self.done[self.last_rule] += 1
        return [line for log in logs for line in running.said(_text(log), log)]

    def _progress(self, record: logging.LogRecord) -> list[str]:
        done, total = record.done, record.total
        step = STEPS * done // total
        due, self.step = step > self.step, step  # fewer than before when a checkpoint has made more jobs known
        if not due:
            return []
        if done == total:
            return [f" 100 %  all {total} jobs"]
        rule, n = self.last_rule, self.done[self.last_rule]
        of_rule = n + max(self.left(rule) - 1, 0)  # the job that ends now is still counted as left
        return [f"{100 * done // total:>4} %  {done} of {total} jobs; {rule}: {n} of {of_rule}"]

    def _job_error(self, record: logging.LogRecord) -> list[str]:
        rule, wildcards, _ = self.jobs.pop(record.jobid, (record.rule_name, "", []))
        return running.failure(rule, wildcards, "\n".join(map(_text, record.log)), record.log)


def _text(log: str) -> str:
    path = Path(log)
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
