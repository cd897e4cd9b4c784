"""What is printed of a run's events: a line now and then in place of Snakemake's block for every job.

Events are log records with a name (`record.event.name`), as Snakemake 9 makes them. They are told apart by that name
alone, so that nothing of Snakemake is imported.
"""

from __future__ import annotations

import errno
import logging
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tinycog import storage
from tinycog.setup import running

STEPS = 20  # progress lines of a run, about
QUIET = 600  # seconds after which a line comes in any case when a job ends
LIVE = 1  # seconds between two states of the line that a terminal shows
FULL = 100_000  # bytes that a full disk may still have
SOON = 5  # seconds of a run before the time left is estimated
UNTOLD = re.compile(r"Config file \S+ is \w+ by|Assuming unrestricted shared filesystem|Adding \S+ \(")  # of no use
OF_FAILURE = re.compile(  # what Snakemake says of a failed job beside the record of it
    r"RuleException.*CalledProcessError|.*(job execution failed|one job did not complete)", re.DOTALL
)


class Console(logging.Handler):
    """Stands in front of the handler that prints, and passes on to it what is not about single jobs.

    It prints nothing of its own before a run has started, so that reports, locks and lists are told as ever. What it
    prints of the run is kept in a file as well, with the time. On a terminal the last line is the state of things.

    Attributes:
        counts: jobs that are done, and all jobs.
        failed: jobs that failed and have not succeeded since, by number.
    """

    def __init__(
        self,
        printer: logging.StreamHandler,
        left: Callable[[], Iterable[tuple[str, Mapping[str, str]]]],
        seconds: Callable[[str, Mapping[str, str]], float],
        closing: Callable[[], list[str]],
        log: Path,
    ):
        """
        Args:
            left: rule and wildcards of every job that is not done.
            seconds: rule and wildcards of a job to what it is expected to take.
            closing: lines for the end of a run that has nothing to do.
            log: file to which lines are added.
        """
        super().__init__()
        self.printer, self.left, self.seconds, self.closing, self.log = printer, left, seconds, closing, log
        self.running = self.stopped = False
        self.live = printer.stream.isatty()
        self.jobs: dict[int, tuple[str, Mapping[str, str], list[str]]] = {}  # those that run: rule, wildcards, logs
        self.done: Counter[str] = Counter()
        self.ended: set[str] = set()  # a submission's jobs count as left until the last
        self.failed: dict[int, str] = {}
        self.grouped: set[int] = set()  # members of submissions that failed
        self.counts = (0, 0)
        self.started, self.worked, self.shown = 0.0, 0.0, 0.0
        self.last_rule, self.step = "", 0

    def emit(self, record: logging.LogRecord) -> None:
        if self.stopped:
            return
        try:
            self.tell(record)
        except Exception:  # what is said of a run must not end it; logging prints the error
            self.handleError(record)

    def tell(self, record: logging.LogRecord) -> None:
        kind = getattr(getattr(record, "event", None), "name", "")
        if kind == "WORKFLOW_STARTED":
            self.running, self.started = True, time.monotonic()
        elif not self.running:
            if not UNTOLD.match(record.getMessage()):
                self.printer.handle(record)
        elif kind in ("RUN_INFO", "JOB_INFO", "JOB_FINISHED", "PROGRESS", "JOB_ERROR", "GROUP_ERROR"):
            self.say(getattr(self, f"_{kind.lower()}")(record))
        elif record.getMessage().startswith("Nothing to be done"):
            self.say(["Nothing to do: everything is up to date.", *self.closing()])
        elif getattr(record, "for_people", False):
            self.say([record.getMessage()])
        elif record.levelno >= logging.WARNING and not OF_FAILURE.match(record.getMessage()):
            self.write("")
            self.printer.handle(record)

    def say(self, lines: Iterable[str]) -> None:
        if not (lines := list(lines)):
            return
        self.write("".join(f"{line}\n" for line in lines))
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with open(self.log, "a", encoding="utf-8") as file:
                file.writelines(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {line}\n" for line in lines)
        except OSError:  # a full disk is told by the jobs that need it
            pass

    def write(self, text: str) -> None:
        """Print in place of the live line."""
        self.printer.stream.write(f"\r\x1b[K{text}" if self.live else text)
        self.printer.flush()

    def _run_info(self, record: logging.LogRecord) -> list[str]:
        more = ", and those of each subject, once the data are prepared" if "prepare_data" in record.stats else ""
        return [f"{record.stats['total']} jobs to run{more}"]

    def _job_info(self, record: logging.LogRecord) -> list[str]:
        self.jobs[record.jobid] = (record.rule_name, dict(record.wildcards.items()), list(record.log))
        self.failed.pop(record.jobid, None)  # it is tried again
        return []

    def _job_finished(self, record: logging.LogRecord) -> list[str]:
        self.last_rule, wildcards, logs = self.jobs.pop(record.job_id, ("", {}, []))
        self.done[self.last_rule] += 1
        self.ended.add(running.named(self.last_rule, wildcards))
        self.worked += self.seconds(self.last_rule, wildcards)
        return [line for log in logs for line in running.said(_text(log), log)]

    def _progress(self, record: logging.LogRecord) -> list[str]:
        done, total = self.counts = record.done, record.total
        step, now = STEPS * done // total, time.monotonic()
        due, self.step = step > self.step, step  # fewer than before when a checkpoint has made more jobs known
        if done == total:
            return [f" 100 %  all {total} jobs in {running.duration(now - self.started)}"]
        due = due or now - max(self.shown, self.started) > QUIET
        if not due and not (self.live and now - self.shown > LIVE):
            return []
        self.shown = now
        line = f"{100 * done // total:>4} %  {done} of {total} jobs; {self._state(now)}"
        if due:
            return [line]
        self.write(line[: shutil.get_terminal_size().columns - 1])
        return []

    def _state(self, now: float) -> str:
        """How far the rule of the last job is, how many jobs failed, and how long the rest will take.

        What is left takes as long, for what it is expected to take, as what is done took: this knows of slow machines,
        of many cores and of queues.
        """
        jobs = [(rule, of) for rule, of in self.left() if running.named(rule, of) not in self.ended]
        left = [(rule, self.seconds(rule, wildcards)) for rule, wildcards in jobs]
        rule, n = self.last_rule, self.done[self.last_rule]
        words = [f"{rule}: {n} of {n + sum(other == rule for other, _ in left)}"]
        if self.failed:
            words.append(f"{len(self.failed)} failed")
        elapsed = now - self.started
        if elapsed > SOON and self.worked and all(other != "prepare_data" for other, _ in left):
            seconds = elapsed * sum(seconds for _, seconds in left) / self.worked
            words.append(f"about {running.duration(seconds)} left")
        return "; ".join(words)

    def _job_error(self, record: logging.LogRecord) -> list[str]:
        rule, wildcards, _ = self.jobs.pop(record.jobid, (record.rule_name, {}, []))
        text = "\n".join(map(_text, record.log))
        if record.jobid in self.grouped and not text.strip():
            return []  # as far as is known it succeeded, or was never started
        self.failed[record.jobid] = running.named(rule, wildcards)
        text = text.strip() or getattr(record, "rule_msg", "") or self._full()
        return running.failure(self.failed[record.jobid], text, record.log)

    def _full(self) -> str:
        """Why a job could not even write its log, if the disk is full."""
        there = next(folder for folder in self.log.absolute().parents if folder.exists())
        return storage.UNWRITABLE[errno.ENOSPC] if shutil.disk_usage(there).free < FULL else ""

    def _group_error(self, record: logging.LogRecord) -> list[str]:
        """A submission of several jobs; a record of each of them follows."""
        members = [info["jobid"] for info in record.job_error_info]
        self.grouped |= set(members)
        for member in members:
            rule, wildcards, _ = self.jobs.get(member, ("a job", {}, []))
            self.failed[member] = running.named(rule, wildcards)
        text = getattr(record, "msg", "")
        return running.failure(f"{len(members)} jobs that were submitted together", text, record.aux_logs)


def _text(log: str) -> str:
    path = Path(log)
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
