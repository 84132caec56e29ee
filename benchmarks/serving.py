"""How quickly pages come: open-loop load on a store of a million accounts and 500 reps.

    python -m benchmarks.serving --store sqlite:////tmp/big/store.db
    python -m benchmarks.serving --store postgresql://USER@HOST/DATABASE

The store is made where it is empty, which takes minutes. `salesml serve` runs with two processes; the load
comes from this program, on the same machine: 50 requests a second at random moments, each of a rep and an
account drawn at random. Latencies count from when a request was due. Sessions are signed with the store's
key; sign-ins are measured apart, one after the other. `--more` also asks for the other pages and the API,
one run each; `--card` publishes a scorecard that `salesml scorecard` wrote, which managers then see.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.publishing import REPS
from benchmarks.serving_load import Choose, Measured, Request, chosen, load, weight
from benchmarks.serving_more import PER_REP, add, bearers
from benchmarks.serving_store import COPIES, PASSWORD, TEAM, build, login
from salesml.store.engine import Store
from salesml.store.keys import SESSIONS, Key
from salesml.web.assets import Assets
from salesml.web.sessions import Session, cookie
from salesml.web.settings import Settings

BOUND = 100.0
"""Milliseconds within which 99 of 100 pages should be there."""

HEADING = f"{'':<16}{'p50':>8}{'p99':>8}{'worst':>9}{'wrong':>7}"

PROGRAMS = 50
"""That ask the API, each on behalf of another rep."""

WARM = 5.0
"""Seconds before what is counted: processes have read what they keep."""


@contextmanager
def serving(store: str, workers: int, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "salesml.cli", "serve", "--store", store, "--workers", str(workers),
               "--port", str(port)]  # fmt: skip
    with subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            yield
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=10):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server does not get ready")


def cookies(address: str) -> list[str]:
    """A session of every rep."""
    settings = Settings(secure=False)
    with Store(address) as store:
        key = Key(store, SESSIONS)()
    values = [cookie(Session.begin(login(rep), 0), key, settings) for rep in range(REPS)]
    return [f"cookie: {value.partition(';')[0]}" for value in values]


def ways(sessions: list[str], accounts: int) -> dict[str, Choose]:
    """What is asked for, by its name."""
    each = accounts // COPIES // REPS

    def of_rep(rng: np.random.Generator) -> int:
        return int(rng.integers(REPS))

    def account(rng: np.random.Generator) -> Request:
        rep, copy = of_rep(rng), int(rng.integers(COPIES))
        number = f"A{int(rng.integers(each)) * REPS + rep:09d}"
        return f"/accounts/{f'{copy:02d}-' if copy else ''}{number}", sessions[rep]

    def searched(rng: np.random.Generator) -> Request:
        return f"/accounts?search=company+{int(rng.integers(10, 99))}", sessions[of_rep(rng)]

    return {
        "empty route": lambda _: ("/health", ""),
        "list": lambda rng: ("/accounts", sessions[of_rep(rng)]),
        "list, searched": searched,
        "account": account,
    }


def more_ways(sessions: list[str], bearers: list[str], accounts: int) -> dict[str, Choose]:
    """The other pages, and those of the API, asked for by reps and by managers."""
    each = accounts // COPIES // REPS

    def of_rep(path: str) -> Choose:
        return lambda rng: (path, sessions[int(rng.integers(REPS))])

    def of_manager(path: str) -> Choose:
        return lambda rng: (path, sessions[int(rng.integers(REPS // TEAM)) * TEAM])

    def prospect(rng: np.random.Generator) -> Request:
        rep = int(rng.integers(REPS))
        return f"/prospects/P{int(rng.integers(PER_REP)) * REPS + rep:09d}", sessions[rep]

    def one_of_team(rng: np.random.Generator) -> Request:
        first = int(rng.integers(REPS // TEAM)) * TEAM
        return f"/team/R{first + int(rng.integers(1, TEAM)):04d}", sessions[first]

    def account_by_api(rng: np.random.Generator) -> Request:
        rep = int(rng.integers(len(bearers)))
        return f"/api/v1/accounts/A{int(rng.integers(each)) * REPS + rep:09d}", bearers[rep]

    return {
        "list by chance": of_rep("/accounts?order=chance"),
        "list of a band": of_rep("/accounts?band=A"),
        "manager's list": of_manager("/accounts"),
        "prospects": of_rep("/prospects"),
        "all prospects": of_rep("/prospects?show=all"),
        "manager's prosp.": of_manager("/prospects"),
        "prospect": prospect,
        "this week": of_rep("/this-week"),
        "team": of_manager("/team"),
        "rep of a team": one_of_team,
        "about": of_rep("/about"),
        "API, list": lambda rng: ("/api/v1/accounts", bearers[int(rng.integers(len(bearers)))]),
        "API, account": account_by_api,
    }


def sign_ins(port: int, count: int) -> list[float]:
    """Milliseconds of some sign-ins, each after the one before."""
    took = []
    for rep in range(count):
        body = urllib.parse.urlencode({"login": login(rep), "password": PASSWORD, "next": "/signed-out"})
        request = urllib.request.Request(f"http://127.0.0.1:{port}/sign-in", body.encode(), method="POST")
        before = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60):
            took.append(1000 * (time.perf_counter() - before))
    return took


def figures(runs: list[Measured]) -> dict[str, object]:
    """Milliseconds of one kind of page, for the file of results."""
    return {
        "p50": [round(run.quantile(0.5), 1) for run in runs],
        "p99": [round(run.quantile(0.99), 1) for run in runs],
        "worst": [round(run.quantile(1.0), 1) for run in runs],
        "median_p99": round(statistics.median(run.quantile(0.99) for run in runs), 1),
        "wrong": sum(run.wrong for run in runs), "requests": sum(len(run.seconds) for run in runs),
    }  # fmt: skip


def told(name: str, runs: list[Measured]) -> str:
    median = {share: statistics.median(run.quantile(share) for run in runs) for share in (0.5, 0.99)}
    p99 = " ".join(f"{run.quantile(0.99):.0f}" for run in runs)
    worst = max(run.quantile(1.0) for run in runs)
    wrong = sum(run.wrong for run in runs)
    return (
        f"{name:<16}{median[0.5]:>8.1f}{median[0.99]:>8.1f}{worst:>9.0f}{wrong:>7}   p99 of each run: {p99}"
        f"{'' if median[0.99] < BOUND else '   not within the bound'}"
    )


def weights(port: int, ways: dict[str, Choose]) -> dict[str, int]:
    """Bytes of each page, packed, and of what a browser loads once."""
    assets = Assets().files.values()
    packed = sum(len(each.packed) for each in assets)
    print(f"Styles, scripts and icon, once: {packed / 1000:.1f} kB packed")
    found = {"styles, scripts and icon": packed}
    for name, choose in ways.items():
        whole, small = weight(port, *choose(np.random.default_rng(0)))
        print(f"{name:<16}{whole / 1000:>8.1f} kB{small / 1000:>8.1f} kB packed")
        found[name] = small
    return found


def measure(
    given: argparse.Namespace, asked: dict[str, Choose], beside: dict[str, Choose]
) -> dict[str, object]:
    """The figures of all kinds of pages, told as they come."""
    runs: dict[str, list[Measured]] = {name: [] for name in (*asked, *beside)}
    with serving(given.store, given.workers, given.port):
        packed = weights(given.port, asked | beside)
        took = sign_ins(given.port, 20)
        print(
            f"sign-in, one after the other: median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms"
        )
        for choose in asked.values():
            load(given.port, chosen(choose, int(WARM * given.rate), 99), given.rate, 99)
        print(f"{given.rate:.0f} requests a second, milliseconds:\n{HEADING}", flush=True)
        for run in range(given.runs):
            for name, choose in (asked if run else asked | beside).items():
                requests = chosen(choose, int(given.seconds * given.rate), run)
                runs[name].append(load(given.port, requests, given.rate, run))
                print(told(name, runs[name][-1:]), flush=True)
    print(f"All runs:\n{HEADING}")
    for name, measured in runs.items():
        print(told(name, measured), flush=True)
    return {
        "bytes_packed": packed,
        "sign_in_ms": [round(each, 1) for each in took],
        "milliseconds": {name: figures(measured) for name, measured in runs.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--store", required=True, metavar="URL")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--more", action="store_true", help="also the other pages and the API")
    parser.add_argument("--card", type=Path, metavar="DIR", help="a scorecard to publish")
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--port", type=int, default=8799)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to write the figures as JSON, beside those of another store",
    )
    given = parser.parse_args()
    if given.accounts < REPS * COPIES or given.accounts % (REPS * COPIES):
        parser.error(f"--accounts: a multiple of {REPS * COPIES:,}, so that each rep has as many")
    with tempfile.TemporaryDirectory(prefix="salesml-") as folder:
        build(given.store, Path(folder), given.accounts)
        add(given.store, Path(folder), given.card)
    load_before = [round(each, 1) for each in os.getloadavg()]
    sessions = cookies(given.store)
    beside = more_ways(sessions, bearers(given.store, PROGRAMS), given.accounts) if given.more else {}
    found = measure(given, ways(sessions, given.accounts), beside)
    if given.out:
        kind = given.store.partition(":")[0].partition("+")[0]
        about = {
            "accounts": given.accounts, "reps": REPS,
            "workers": given.workers, "rate": given.rate, "seconds": given.seconds, "cores": os.cpu_count(),
            "load_before": load_before,
        }  # fmt: skip
        others = json.loads(given.out.read_text(encoding="utf-8")) if given.out.exists() else {}
        both = others | {kind: about | found}
        given.out.write_text(json.dumps(both, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
