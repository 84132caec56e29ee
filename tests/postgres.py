"""A real PostgreSQL server for tests, started on loopback as a user of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import need

PASSWORD = "sesame-4711"
RUNUSER = shutil.which("runuser", path="/usr/sbin:/sbin:/usr/bin:/bin")
"""Debian keeps it where an ordinary path does not lead."""


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _user() -> list[str]:
    """What to put before a command: the server refuses to run as root."""
    return [str(RUNUSER), "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Server:
    """A PostgreSQL server with one database, in a folder of its own."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, _free_port()
        password = folder / "password"
        password.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            shutil.chown(password, "postgres")
        self._run(
            "initdb", "-D", f"{folder}/db", "-U", "shop", "-A", "scram-sha-256", f"--pwfile={password}", "-N"
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://shop:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1 -c fsync=off"
        self._run(
            "pg_ctl", "-D", f"{self.folder}/db", "-o", options, "-l", f"{self.folder}/log", "-w", "start"
        )

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/db", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_user(), str(self.programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, timeout=60)


@contextmanager
def running() -> Iterator[Server]:
    """A server that runs meanwhile."""
    programs = _programs()
    need(programs, "PostgreSQL is not installed (make services)")
    need(os.geteuid() or (RUNUSER and _is_user("postgres")), "there is no user postgres to run as")
    assert programs is not None
    with tempfile.TemporaryDirectory(prefix="salesml-pg-", dir="/tmp") as folder:
        server = Server(programs, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
