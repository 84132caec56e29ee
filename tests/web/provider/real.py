"""A real provider of OpenID Connect for tests: npm's oidc-provider on loopback, in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.npm import installed

HERE = Path(__file__).parent
CLIENT, SECRET = "salesml", "hush-hush-hush-hush-hush-hush-hush-hush"


@contextmanager
def running(url: str) -> Iterator[str]:
    """The address of a provider that runs meanwhile and knows a site."""
    folder = installed(HERE, "provider")
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
