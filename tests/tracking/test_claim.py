"""One at a time moves a champion."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesml.errors import OutsideError
from salesml.tracking.claim import CLAIM, _locked, claimed


class Registry:
    """Tags of one model, as a server keeps them for everybody."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}

    def get_registered_model(self, name: str) -> Any:
        time.sleep(0.001)
        return type("Model", (), {"tags": dict(self.tags)})

    def set_registered_model_tag(self, name: str, key: str, value: str) -> None:
        time.sleep(0.001)
        self.tags[key] = value

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        self.tags.pop(key, None)


@pytest.fixture
def registry() -> Any:
    return Registry()


def test_a_claim_is_taken_back(registry: Any) -> None:
    with claimed(registry, "m") as still:
        still()
        assert len(registry.tags) == 1
    assert registry.tags == {}


def test_another_waits_and_then_says_who_it_is(registry: Any) -> None:
    with claimed(registry, "m"):
        says = rf"moving the champion of m: process {os.getpid()} on"
        with pytest.raises(OutsideError, match=says) as bad, claimed(registry, "m", wait=0.3):
            pass
        assert (bad.value.code, bad.value.exit_code) == ("promotion-running", 4)
        assert len(registry.tags) == 1, "who waited in vain leaves nothing"


def test_a_claim_that_was_left_ends_by_itself(registry: Any) -> None:
    registry.tags[CLAIM + "dead"] = json.dumps({"owner": "the dead", "until": time.time() - 1})
    registry.tags[CLAIM + "odd"] = "what?"
    with claimed(registry, "m", wait=0):
        assert not {CLAIM + "dead", CLAIM + "odd"} & registry.tags.keys()


def test_whoever_was_held_up_for_too_long_may_not_go_on(registry: Any) -> None:
    with claimed(registry, "m", lasts=0.05) as first:
        time.sleep(0.06)
        with pytest.raises(OutsideError, match="its claim has ended"):
            first()
        with claimed(registry, "m", wait=0) as second:
            second()
            with pytest.raises(OutsideError, match="its claim has ended"):
                first()


def test_many_at_once_are_never_two_inside(registry: Any) -> None:
    inside, most, through = [0], [0], [0]

    def one() -> None:
        with claimed(registry, "m", wait=30):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.005)
            inside[0] -= 1
            through[0] += 1

    threads = [threading.Thread(target=one) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (most[0], through[0]) == (1, 6)


def _hold(store: Path, told: Any) -> None:
    with _locked(store, "m", 0):
        told.set()
        time.sleep(60)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Any]:
    """Another process that holds the lock of a store."""
    context = multiprocessing.get_context("spawn")
    told = context.Event()
    process = context.Process(target=_hold, args=(tmp_path / "mlflow.db", told))
    process.start()
    assert told.wait(60)
    yield process
    process.kill()
    process.join()


def test_a_lock_of_another_process_keeps_out_until_it_is_killed(tmp_path: Path, holder: Any) -> None:
    says = "another process on this machine"
    with pytest.raises(OutsideError, match=says), _locked(tmp_path / "mlflow.db", "m", 0.1):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with _locked(tmp_path / "mlflow.db", "m", 1):
        pass
