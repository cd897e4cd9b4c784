"""What a run prints, and the command `tinycog run`, without running anything."""

import io
import logging
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from tinycog import cli
from tinycog.errors import InputError
from tinycog.options import overrides_of
from tinycog.setup import console as module
from tinycog.setup import running
from tinycog.setup.console import Console

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def printed():
    return io.StringIO()


@pytest.fixture
def console(printed, tmp_path):
    left = [("fit_model", {"subject": "m1", "outer": str(i)}) for i in range(41)]  # one of which `start` is
    found = Console(
        logging.StreamHandler(printed),
        left=lambda: left,
        seconds=lambda rule, wildcards: {"fit_model": 3.0, "prepare_data": 1.0}.get(rule, 0.5),
        closing=lambda: ["found"],
        log=tmp_path / "logs/progress.log",
    )
    found.of_left = left
    return found


def send(console, event=None, message="", level=logging.INFO, **fields):
    record = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    record.__dict__.update(fields)
    if event:
        record.event = SimpleNamespace(name=event)
    console.handle(record)


def start(console, rule="fit_model", jobid=1, log=()):
    send(console, "JOB_INFO", rule_name=rule, jobid=jobid, log=list(log), wildcards={"subject": "m1", "outer": "0"})


def test_before_a_run_everything_else_is_passed_on(console, printed):
    send(console, message="Config file a.yaml is extended by additional config specified via the command line.")
    send(console, message="Unlocked working directory.")
    assert printed.getvalue() == "Unlocked working directory.\n"


def test_lines_of_progress_come_at_each_twentieth(console, printed):
    send(console, "WORKFLOW_STARTED", "Workflow has started!")
    for done in range(1, 401):
        start(console, jobid=done)
        send(console, "JOB_FINISHED", job_id=done)
        send(console, "PROGRESS", done=done, total=400)
    lines = printed.getvalue().splitlines()
    assert len(lines) == 20
    assert lines[0] == "   5 %  20 of 400 jobs; fit_model: 20 of 60"  # 40 are left
    assert lines[-1] == " 100 %  all 400 jobs in 1 s"
    assert console.jobs == {}  # nothing is kept of a job that ended


@pytest.fixture
def clock(monkeypatch):
    """The console's clock, which a test sets."""
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_the_time_left_follows_from_what_the_jobs_that_are_done_took(console, printed, clock):
    send(console, "WORKFLOW_STARTED")
    for done, rule in enumerate(["fit_model", "fit_model", "score_model", "score_model"], 1):
        clock[0] += 3.5  # seconds; the first two were expected to take 3 and the others .5
        start(console, rule, jobid=done)
        send(console, "JOB_FINISHED", job_id=done)
        send(console, "PROGRESS", done=done, total=44)
    lines = printed.getvalue().splitlines()
    assert lines[0] == "   6 %  3 of 44 jobs; score_model: 1 of 1; about 3 min left"  # 10.5 s for 6.5; 40 x 3 are left
    console.of_left.append(("prepare_data", {}))  # nothing is known of jobs that will follow
    send(console, "PROGRESS", done=10, total=44)
    assert printed.getvalue().splitlines()[-1] == "  22 %  10 of 44 jobs; score_model: 2 of 2"


def test_a_line_comes_after_ten_minutes_without_one(console, printed, clock):
    send(console, "WORKFLOW_STARTED")
    for done in range(1, 5):
        clock[0] += 301
        start(console, jobid=done)
        send(console, "JOB_FINISHED", job_id=done)
        send(console, "PROGRESS", done=done, total=1000)
    assert [line.split(";")[0] for line in printed.getvalue().splitlines()] == [
        "   0 %  2 of 1000 jobs",
        "   0 %  4 of 1000 jobs",
    ]


def test_jobs_that_failed_are_counted_until_they_succeed(console, printed, tmp_path):
    send(console, "WORKFLOW_STARTED")
    for job in (1, 2):
        start(console, jobid=job)
        send(console, "JOB_ERROR", "Error", logging.ERROR, rule_name="fit_model", jobid=job, log=[], rule_msg="killed")
    send(console, "PROGRESS", done=10, total=100)
    assert printed.getvalue().splitlines()[-1].endswith("; 2 failed")
    assert "    killed" in printed.getvalue()  # where the log is empty, what Snakemake knows
    start(console, jobid=2)  # again
    send(console, "JOB_FINISHED", job_id=2)
    send(console, "PROGRESS", done=20, total=100)
    assert printed.getvalue().splitlines()[-1].endswith("; 1 failed")
    assert console.failed == {1: "fit_model (subject=m1, outer=0)"}
    assert console.counts == (20, 100)


def test_jobs_that_were_submitted_together_are_told_once(console, printed, tmp_path):
    """Of the members those that wrote something; the others may have succeeded, or never started."""
    log = tmp_path / "2.log"
    log.write_text("Error: no space\n")
    send(console, "WORKFLOW_STARTED")
    for job in (1, 2):
        start(console, jobid=job, log=[str(tmp_path / f"{job}.log")])
    members = [{"jobid": job} for job in (1, 2)]
    send(console, "GROUP_ERROR", "Error in group", logging.ERROR, job_error_info=members, aux_logs=["slurm.log"])
    for job in (1, 2):
        own = {"rule_name": "fit_model", "jobid": job, "log": [str(tmp_path / f"{job}.log")]}
        send(console, "JOB_ERROR", "Error", logging.ERROR, **own)
    assert printed.getvalue().splitlines() == [
        "FAILED: 2 jobs that were submitted together",
        "    Error in group",
        "  its log: slurm.log",
        "FAILED: fit_model (subject=m1, outer=0)",
        "    Error: no space",
        f"  its log: {log}",
    ]
    assert len(console.failed) == 2


def test_a_job_that_could_not_write_its_log_tells_of_a_full_disk(console, printed, monkeypatch):
    send(console, "WORKFLOW_STARTED")
    for free in (99_000, 101_000):
        monkeypatch.setattr(module.shutil, "disk_usage", lambda folder, free=free: SimpleNamespace(free=free))
        start(console)
        send(console, "JOB_ERROR", "Error", logging.ERROR, rule_name="fit_model", jobid=1, log=[])
    full = ["FAILED: fit_model (subject=m1, outer=0)", "    the disk is full: make room", "  it has no log"]
    assert printed.getvalue().splitlines() == [*full, full[0], full[2]]


def test_a_terminal_shows_one_line_that_changes(console, printed, clock):
    console.live = True
    send(console, "WORKFLOW_STARTED")
    clock[0] = 2.0
    send(console, "PROGRESS", done=1, total=100)
    clock[0] = 2.5  # too soon
    send(console, "PROGRESS", done=2, total=100)
    clock[0] = 4.0
    send(console, "PROGRESS", done=3, total=100)
    send(console, None, "disk is nearly full", logging.WARNING)
    states = printed.getvalue().split("\r\x1b[K")
    assert [state.split(";")[0] for state in states] == [
        "", "   1 %  1 of 100 jobs", "   3 %  3 of 100 jobs", "disk is nearly full\n"
    ]  # fmt: skip


def test_what_is_said_of_a_run_is_kept_with_the_time(console, printed, tmp_path):
    send(console, message="before")
    send(console, "WORKFLOW_STARTED")
    send(console, "PROGRESS", done=10, total=100)
    send(console, message="the end", for_people=True)
    kept = (tmp_path / "logs/progress.log").read_text().splitlines()
    assert [re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ", "", line) for line in kept] == printed.getvalue().splitlines()[
        1:
    ]
    assert len(kept) == 2


def test_an_error_in_what_is_said_does_not_end_a_run(console, printed, capsys):
    send(console, "WORKFLOW_STARTED")
    console.seconds = lambda rule, wildcards: 1 / 0
    start(console)
    send(console, "JOB_FINISHED", job_id=1)
    assert "ZeroDivisionError" in capsys.readouterr().err
    send(console, "PROGRESS", done=100, total=100)
    assert printed.getvalue().startswith(" 100 %")


def test_durations_have_the_unit_that_people_would_use():
    assert [running.duration(s) for s in (0.2, 119.4, 121, 3599, 3600, 36_060)] == [
        "1 s", "119 s", "2 min", "1 h 00 min", "1 h 00 min", "10 h 01 min"
    ]  # fmt: skip


def test_progress_goes_on_when_more_jobs_become_known(console, printed):
    send(console, "WORKFLOW_STARTED")
    start(console)
    send(console, "JOB_FINISHED", job_id=1)
    send(console, "PROGRESS", done=1, total=2)  # half of what was known
    send(console, "PROGRESS", done=2, total=100)
    send(console, "PROGRESS", done=5, total=100)
    assert [line.split(";")[0] for line in printed.getvalue().splitlines()] == [
        "  50 %  1 of 2 jobs",
        "   5 %  5 of 100 jobs",
    ]


def test_a_failed_job_is_told_once_with_the_end_of_its_log(console, printed, tmp_path):
    log = tmp_path / "fit.log"
    log.write_text("\n".join(f"line {i}" for i in range(30)))
    send(console, "WORKFLOW_STARTED")
    start(console, log=[str(log)])
    raised = "RuleException:\nCalledProcessError in file fit.smk, line 3:\nCommand ... returned non-zero exit status 1."
    send(console, "ERROR", raised, logging.ERROR)
    send(console, "JOB_ERROR", "Error in rule", logging.ERROR, rule_name="fit_model", jobid=1, log=[str(log)])
    send(console, None, "Exiting because a job execution failed. Look above for error messages", logging.ERROR)
    send(console, "ERROR", "WorkflowError:\nAt least one job did not complete successfully.", logging.ERROR)
    told = [f"    line {i}" for i in range(22, 30)]
    assert printed.getvalue().splitlines() == [
        "FAILED: fit_model (subject=m1, outer=0)",
        *told,
        f"  its log: {log}",
    ]


def test_other_errors_and_warnings_are_passed_on(console, printed):
    send(console, "WORKFLOW_STARTED")
    send(console, message="Select jobs to execute...")
    send(console, "ERROR", "MissingOutputException in rule fit_model", logging.ERROR)
    send(console, message="disk is nearly full", level=logging.WARNING)
    assert printed.getvalue().splitlines() == ["MissingOutputException in rule fit_model", "disk is nearly full"]


def test_what_a_job_said_is_shown_and_shortened(console, printed, tmp_path):
    log = tmp_path / "prepare.log"
    log.write_text("warning: a.mat differs\n\nwarning: b.mat differs\nthird\nfourth\nfifth\n")
    send(console, "WORKFLOW_STARTED")
    start(console, "prepare_data", log=[str(log)])
    send(console, "JOB_FINISHED", job_id=1)
    assert printed.getvalue().splitlines() == [
        "  warning: a.mat differs",
        "  warning: b.mat differs",
        "  third",
        f"  ... 2 more lines: {log}",
    ]


def test_nothing_to_do_still_says_what_was_found(console, printed):
    send(console, "WORKFLOW_STARTED")
    send(console, message="Nothing to be done (all requested files are present and up to date).")
    assert printed.getvalue().splitlines() == ["Nothing to do: everything is up to date.", "found"]


def test_after_ctrl_c_nothing_more_is_said(console, printed):
    send(console, "WORKFLOW_STARTED")
    console.stopped = True
    send(console, "ERROR", "RuleException", logging.ERROR)
    assert printed.getvalue() == ""


def test_experiments_are_yaml_files_with_data_sets(tmp_path):
    (tmp_path / "b.yaml").write_text("run: b\ndatasets:\n\tbroken: by a tab\n")
    (tmp_path / "a.yml").write_text("datasets : {}\n")
    (tmp_path / "other.yaml").write_text("nested:\n  datasets: 1\n# datasets:\n")
    (tmp_path / "datasets.txt").write_text("datasets:\n")
    (tmp_path / "folder.yaml").mkdir()
    assert running.experiments_in(tmp_path) == ["a.yml", "b.yaml"]


def test_the_first_line_says_which_experiment_runs():
    start = "snakemake --cores 1 --configfile"
    assert running.opening("mine", ["a.yaml"], ["b.yaml"], start) == [
        "tinycog: run 'mine' of a.yaml; results go to results/mine"
    ]
    first, second = running.opening("demo", [], ["my mice.yaml", "b.yaml"], start)
    assert first.startswith("tinycog: run 'demo' of config/config.yaml")
    assert second.endswith("folder: snakemake --cores 1 --configfile 'my mice.yaml' (others here: b.yaml)")
    assert len(running.opening("demo", [], [], start)) == 1


def test_commands_name_the_run_and_end_with_config_values():
    made = running.command(["snakemake"], ["a b.yaml"], ["raw=x", "run=y"], "--report", "r.html")
    assert made == "snakemake --configfile 'a b.yaml' --report r.html --config raw=x run=y"
    assert running.command(["tinycog", "run"], ["a.yaml"], []) == "tinycog run a.yaml"
    assert running.command(["snakemake"], [], [], "--report", "r.html") == "snakemake --report r.html"


def test_the_last_lines_name_commands_that_are_not_given_already():
    assert running.stopped(0, 0, "snakemake --cores 1").endswith("go on with: snakemake --cores 1 --rerun-incomplete")
    assert running.stopped(0, 0, "snakemake --ri --cores 1").endswith("go on with: snakemake --ri --cores 1")
    lines = running.after_failure([], "snakemake --cores 1", "PARTIAL", goes_on=False)
    assert [line.split(":")[1].strip() for line in lines[1:]] == [
        *("snakemake --cores 1", "snakemake --cores 1 --keep-going", "PARTIAL")
    ]
    assert len(running.after_failure([], "snakemake -k --cores 1", "PARTIAL", goes_on=True)) == 3
    lines = running.after_failure(
        [f"fit_model (outer={i})" for i in range(13)], "snakemake -k --cores 1", "PARTIAL", goes_on=True
    )
    assert lines[:2] + lines[9:12] == [
        "Failed: fit_model (outer=0)",
        "Failed: fit_model (outer=1)",
        "Failed: fit_model (outer=9)",
        "        and 3 more jobs",
        "Not everything could be made (see above); finished work is kept.",
    ]
    assert len(running.after_failure(["fit_model"] * 10, "snakemake -k", "PARTIAL", goes_on=True)) == 10 + 3
    assert running.stopped(3, 40, "snakemake -c1").startswith(
        "stopped after 3 of 40 jobs; finished work is kept; go on"
    )
    places = ["Tables:  results/mine/tables", "Figures: results/mine/figures", "Report:  COMMAND"]
    assert running.closing("mine", [], "COMMAND", page=False) == places
    found = ["Found: unit", "  a", "Page:    results/mine/index.html"]
    assert running.closing("mine", ["unit", "  a"], "COMMAND", page=True) == [*found, *places]


@pytest.mark.parametrize(
    ("further", "cores"),
    [
        ([], True),
        (["--dry-run"], True),
        (["--config", "raw=x"], True),
        (["--cores", "2"], False),
        (["--cores=2"], False),
        (["-c2"], False),
        (["-j", "2"], False),
        (["--workflow-profile", "slurm"], False),
    ],
)
def test_run_takes_all_cores_unless_it_is_told(further, cores, tmp_path):
    made = running.arguments([tmp_path / "a.yaml"], further, tmp_path / "Snakefile")
    begin = ["--snakefile", str(tmp_path / "Snakefile"), "--configfile", str(tmp_path / "a.yaml")]
    assert made == [*begin, *(["--cores", "all"] if cores else []), *further]


def test_files_come_before_options(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("datasets: {}")
    (tmp_path / "profile.yaml").write_text("jobs: 2")
    files, further = running.split(["a.yaml", "b.yaml", "--cores", "2"])
    assert ([str(file) for file in files], further) == (["a.yaml", "b.yaml"], ["--cores", "2"])
    assert running.split(["--profile", "profile.yaml"]) == ([], ["--profile", "profile.yaml"])
    assert running.split(["--configfile", "a.yaml"]) == ([], ["--configfile", "a.yaml"])
    with pytest.raises(InputError, match=r"a\.yaml: name experiment files before options"):
        running.split(["--cores", "2", "a.yaml"])


def test_values_of_an_option_are_those_of_its_last_use():
    given = ["--config", "a=1", "b=2", "--cores", "2", "-C", "c=3", "--dry-run", "x"]
    assert running.values_of(given, "--config", "-C") == ["c=3"]
    assert running.values_of(given[:5], "--config", "-C") == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (["--config=raw=my data"], ["raw=my data"]),
        (["-Craw=/data", "seed=1"], ["raw=/data", "seed=1"]),
        (["--config=a=1", "b=2", "-n", "c"], ["a=1", "b=2"]),
        (["--configfile", "own.yaml", "--configfile=b.yaml"], []),
    ],
)
def test_values_may_be_joined_to_their_option(given, values):
    assert running.values_of(given, "--config", "-C") == values


def test_a_config_value_without_a_key_is_refused():
    with pytest.raises(InputError, match=r"^--config: found 'foo'; allowed: KEY=VALUE$"):
        overrides_of(("seed=1", "foo"))


@pytest.mark.parametrize("command", ["plan", "download"])
def test_commands_for_people_work_from_any_folder(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.main, [command, str(ROOT / "config/config.yaml")])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "mine.yaml: no such config file in "),
        ("run: x\ndatasets:\n\tm: 1\n", "mine.yaml, line 3, column 1: a tab"),
        ("run: x\ndatasets: [1, 2\nmodels: {}\n", "mine.yaml, line 3, column 7: not valid YAML"),
        ("run: x\ntasks: {}\n", "mine.yaml: tasks: unknown key"),
        (
            "datasets: {m: {source: table, task: reversal, file: no.csv}}\nmodels: {LS0: {family: cognitive}}\n",
            "datasets.m: no.csv: no such file",
        ),
    ],
)
def test_run_checks_the_file_first(content, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "mine.yaml").write_text(content)
    result = CliRunner().invoke(cli.main, ["run", "mine.yaml", "--dry-run"])
    assert result.exit_code == 1
    assert message in result.output
