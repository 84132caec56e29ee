"""Two processes that promote at once, and one that is killed on its way."""

from __future__ import annotations

import os
import subprocess
import sys

from salesml.lifecycle.promotion import promote, revert
from salesml.tracking.champion import MOVING
from salesml.tracking.store import connected
from tests.lifecycle.promotion.conftest import BETTER, GOOD, POOR, SHIFTED, Registered

KILLED = """
import os, sys
from salesml.cli import main
from salesml.tracking import champion
champion._follow = lambda *_: os._exit(9)  # right after the alias has moved, with the lock held
sys.exit(main(sys.argv[1:]))
"""


def start(shop: Registered, version: int, code: str = "") -> subprocess.Popen[str]:
    command = ["-c", code] if code else ["-m", "salesml.cli"]
    options = ["--crm", "crm.yaml", "--force", "--reason", "a drill", "--by", "ann"]
    return subprocess.Popen(
        [sys.executable, *command, "promote", "churn", str(version), *options], cwd=shop.folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def tags(shop: Registered) -> dict[str, str]:
    with connected(shop.tracking) as client:
        return dict(client.get_registered_model(shop.registered).tags)


def test_two_at_once_do_not_interleave(shop: Registered) -> None:
    racing = [start(shop, version) for version in (GOOD, SHIFTED)]
    said = [each.communicate(timeout=500) for each in racing]
    codes = [each.returncode for each in racing]
    assert set(codes) <= {0, 4}, said
    assert 0 in codes
    chain = (*shop.before(), shop.champion())
    assert chain[0] == POOR
    assert len(chain) == 1 + codes.count(0), "each that was done is in the chain, once"
    for code, version, (_, error) in zip(codes, (GOOD, SHIFTED), said, strict=True):
        assert (version in chain) is (code == 0)
        assert code == 0 or "[champion-moved]" in error or "[promotion-running]" in error
    assert MOVING not in tags(shop)


def test_one_that_is_killed_after_the_alias_has_moved_is_mended_by_the_next(shop: Registered) -> None:
    promote("churn", BETTER, shop.crm, force=True, reason="a drill", by="ann")
    killed = start(shop, GOOD, KILLED)
    said = killed.communicate(timeout=500)
    assert killed.returncode == 9, said
    assert MOVING in tags(shop)
    assert (shop.champion(), shop.before()) == (GOOD, (POOR, BETTER))
    promote("churn", SHIFTED, shop.crm, force=True, reason="a drill", by="ann")
    assert (shop.champion(), shop.before()) == (SHIFTED, (POOR, BETTER, GOOD))
    assert MOVING not in tags(shop)
    assert revert("churn", tracking=shop.tracking).version == GOOD
