"""A real SLURM of one node on this machine, for tests. What it writes is in one folder, but for a link to that.

As root, with Debian's packages (`apt-get install munge slurmctld slurmd slurm-client`):

    python tests/slurm/local_slurm.py COMMAND ...      # runs a command while it is up, and stops it
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sinfo", "sbatch")
SBIN = f"{os.environ['PATH']}{os.pathsep}/usr/sbin{os.pathsep}/sbin"
CONFIGURED = Path("/etc/slurm/slurm.conf")  # where jobs look for it: Snakemake's plugin hides $SLURM_CONF from them
WAIT = 60  # seconds for a daemon to come up, or to end

CONFIGURATION = """\
ClusterName=local
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=debug Nodes={host} Default=YES MaxTime=INFINITE State=UP
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
# nothing that needs control groups or systemd, which containers lack
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# it may advertise more than it has
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=5,batch_sched_delay=0
# there is no data base: jobs that ended stay in squeue
AccountingStorageType=accounting_storage/none
MinJobAge=3600
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
KillWait=5
"""


def lacking() -> str:
    """Why no SLURM can be started here; empty if one can."""
    if missing := [name for name in PROGRAMS if not shutil.which(name, path=SBIN)]:
        return f"no {', '.join(missing)} (Debian: munge slurmctld slurmd slurm-client)"
    if CONFIGURED.exists():
        return f"{CONFIGURED} is there: this machine has a SLURM of its own, or a test runs one"
    return "" if os.getuid() == 0 else "slurmd starts jobs on behalf of users, which takes root"


@contextmanager
def running(folder: Path, cpus: int = 2, memory: int = 30_000) -> Iterator[dict[str, str]]:
    """A SLURM that lasts as long as the block; gives the environment in which its commands find it.

    Args:
        folder: where it writes; must not exist.
        cpus, memory: what its node offers, memory in MB, whether the machine has it or not.
    """
    (folder / "state").mkdir(parents=True, mode=0o755)
    (folder / "spool").mkdir()
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o400)
    host = socket.gethostname().split(".")[0]
    text = CONFIGURATION.format(folder=folder, host=host, ports=_free_ports(2), cpus=cpus, memory=memory)
    (folder / "slurm.conf").write_text(text)
    env = {**os.environ, "PATH": SBIN}

    def succeeds(*command: str) -> Callable[[], bool]:
        return lambda: subprocess.run(command, env=env, capture_output=True).returncode == 0

    def idle() -> bool:
        return b"idle" in subprocess.run(["sinfo", "-h", "-o", "%T"], env=env, capture_output=True).stdout

    munge = [
        f"--{name}={folder}/munge.{name.split('-')[0]}" for name in ("key-file", "socket", "pid-file", "seed-file")
    ]
    with ExitStack() as daemons:
        CONFIGURED.parent.mkdir(exist_ok=True)
        CONFIGURED.unlink(missing_ok=True)  # of a test that was killed: it leads nowhere
        CONFIGURED.symlink_to(folder / "slurm.conf")
        daemons.callback(CONFIGURED.unlink)
        daemons.enter_context(_daemon(["munged", "--foreground", "--force", *munge], folder / "munged.log", env))
        _until((folder / "munge.socket").exists, "munged answers", folder / "munged.log")
        daemons.enter_context(_daemon(["slurmctld", "-D", "-c"], folder / "slurmctld.out", env))
        _until(succeeds("scontrol", "ping"), "slurmctld answers", folder / "slurmctld.log")
        daemons.enter_context(_daemon(["slurmd", "-D"], folder / "slurmd.out", env))
        daemons.callback(subprocess.run, ["scancel", "--partition=debug"], env=env, capture_output=True)
        _until(idle, "the node is idle", folder / "slurmd.log")
        yield env


@contextmanager
def _daemon(command: list[str], log: Path, env: dict[str, str]) -> Iterator[None]:
    with open(log, "w") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(WAIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until(true: Callable[[], bool], what: str, log: Path) -> None:
    end = time.monotonic() + WAIT
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"after {WAIT} s it is not so that {what}; {log}:\n{log.read_text()[-2000:]}")
        time.sleep(0.2)


def _free_ports(n: int) -> list[int]:
    with ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


if __name__ == "__main__":
    if why := lacking():
        sys.exit(f"no SLURM can be started: {why}")
    with tempfile.TemporaryDirectory() as place, running(Path(place, "slurm")) as its_env:
        sys.exit(subprocess.run(sys.argv[1:], env=its_env).returncode)
