"""A real provider of OpenID Connect for tests: npm's oidc-provider on loopback, in a process of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import need

HERE = Path(__file__).parent
CLIENT, SECRET = "salesml", "hush-hush-hush-hush-hush-hush-hush-hush"
PACKAGES = ("package.json", "package-lock.json")


@contextmanager
def running(url: str) -> Iterator[str]:
    """The address of a provider that runs meanwhile and knows a site."""
    folder = _installed()
    program = shutil.copy(HERE / "provider.mjs", folder)
    command = ["node", program, f"{url}/sign-in/back", f"{url}/signed-out"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            lines = iter(process.stdout.readline, "")
            yield next(line.strip() for line in lines if line.startswith("http://"))
        finally:
            process.stdin.close()  # it ends itself then
            process.kill()


def _installed() -> Path:
    """The folder of its packages, installed once for each list of them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    need(node and npm, "node and npm are not installed (make services)")
    wanted = hashlib.sha256(b"".join((HERE / each).read_bytes() for each in PACKAGES)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "salesml-tests"
    folder = cache / f"provider-{wanted}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as aside:
            for each in PACKAGES:
                shutil.copy(HERE / each, aside)
            command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=aside, capture_output=True, text=True, timeout=300)
            need(done.returncode == 0, f"npm could not install oidc-provider: {done.stderr[-300:]}")
            made = Path(aside) / "made"
            made.mkdir()
            for each in (*PACKAGES, "node_modules"):
                (Path(aside) / each).rename(made / each)
            made.rename(folder)
    return folder
