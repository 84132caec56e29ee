"""Packages of npm that tests use: installed once for each list of them, by the digests of its lock file."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.conftest import need

PACKAGES = ("package.json", "package-lock.json")


def installed(here: Path, name: str) -> Path:
    """The folder that holds the packages which a folder of tests lists."""
    node, npm = shutil.which("node"), shutil.which("npm")
    need(node and npm, "node and npm are not installed (make services)")
    wanted = hashlib.sha256(b"".join((here / each).read_bytes() for each in PACKAGES)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "salesml-tests"
    folder = cache / f"{name}-{wanted}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as aside:
            for each in PACKAGES:
                shutil.copy(here / each, aside)
            command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=aside, capture_output=True, text=True, timeout=300)
            need(done.returncode == 0, f"npm could not install what {name} needs: {done.stderr[-300:]}")
            made = Path(aside) / "made"
            made.mkdir()
            for each in (*PACKAGES, "node_modules"):
                (Path(aside) / each).rename(made / each)
            made.rename(folder)
    return folder
