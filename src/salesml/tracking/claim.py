"""One at a time moves a champion: a lock beside a store that is a file, a claim on a server.

A claim is a tag of its own on the registered model. Everybody first writes a claim and then reads all of
them, and whoever finds another that is alive takes theirs back and waits: of two, at least one sees the
other, so that never two go on. A claim that its owner did not take back ends by itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking
from salesml.errors import Fault, OutsideError
from salesml.tracking.store import _sqlite_path

if TYPE_CHECKING:
    from mlflow import MlflowClient

CLAIM = "salesml.claim."
"""What the tag of a claim begins with; the rest is its owner's own."""

LASTS = 120.0
"""Seconds after which a claim ends by itself, by the clocks of those who claim."""

WAIT = 60.0
"""Seconds to wait for another."""

_AGAIN = 0.2

Still = Callable[[], None]
"""Raises where the claim is no longer ours."""


@contextlib.contextmanager
def alone(client: MlflowClient, config: Tracking, name: str, *, wait: float = WAIT) -> Iterator[Still]:
    """Let nobody else move the champion of a registered model while the block lasts.

    Raises
    ------
    OutsideError
        ``promotion-running`` when another has not ended after ``wait`` seconds.
    """
    path = _sqlite_path(config.registry_uri or config.tracking_uri)
    with _locked(path, name, wait) if path else claimed(client, name, wait=wait) as still:
        yield still


@contextlib.contextmanager
def _locked(store: Path, name: str, wait: float) -> Iterator[Still]:
    """A lock that the system frees when its holder dies."""
    with store.with_name(store.name + ".promotion.lock").open("a") as file:
        _flock(file, name, wait)
        yield lambda: None


def _flock(file: Any, name: str, wait: float) -> None:
    try:
        import fcntl
    except ImportError:  # a system without such locks: nobody else is kept out
        return
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() >= until:
                raise _running(name, "another process on this machine") from None
            time.sleep(_AGAIN)


@contextlib.contextmanager
def claimed(client: MlflowClient, name: str, *, wait: float = WAIT, lasts: float = LASTS) -> Iterator[Still]:
    """A claim in a tag, for stores that other machines write to."""
    key = CLAIM + secrets.token_hex(8)
    _claim(client, name, key, wait, lasts)
    try:
        yield lambda: _ours(client, name, key)
    finally:
        # Where the server is away now, the claim ends by itself.
        with contextlib.suppress(Exception):
            client.delete_registered_model_tag(name, key)


def _claim(client: MlflowClient, name: str, key: str, wait: float, lasts: float) -> None:
    until = time.monotonic() + wait
    owner = f"process {os.getpid()} on {socket.gethostname()}"
    while True:
        others = _others(client, name, key)
        if not others:
            value = {"owner": owner, "until": time.time() + lasts}
            client.set_registered_model_tag(name, key, json.dumps(value))
            others = _others(client, name, key)
            if not others:
                return
            client.delete_registered_model_tag(name, key)
        if time.monotonic() >= until:
            raise _running(name, others[0])
        time.sleep(_AGAIN * (1 + random.random()))  # two that meet must not go on meeting


def _others(client: MlflowClient, name: str, key: str) -> list[str]:
    """Who else has a claim that has not ended; those that have are removed."""
    found = []
    for tag, text in client.get_registered_model(name).tags.items():
        if not tag.startswith(CLAIM) or tag == key:
            continue
        owner, until = _read(text)
        if until > time.time():
            found.append(owner)
        else:
            with contextlib.suppress(Exception):
                client.delete_registered_model_tag(name, tag)
    return found


def _ours(client: MlflowClient, name: str, key: str) -> None:
    """That the claim is still there: who was held up for long may have lost it."""
    tags = client.get_registered_model(name).tags
    if key not in tags or _read(tags[key])[1] <= time.time():
        raise OutsideError(
            Fault(
                code="lost-claim",
                found=f"Nothing was heard of this promotion of {name} for {LASTS:.0f} seconds, and its claim "
                "has ended",
                do="Run it again; nothing was moved",
            )
        )


def _read(text: str) -> tuple[str, float]:
    try:
        value = json.loads(text)
        return str(value["owner"]), float(value["until"])
    except (ValueError, TypeError, KeyError):
        return "somebody", 0.0


def _running(name: str, owner: str) -> OutsideError:
    return OutsideError(
        Fault(
            code="promotion-running",
            found=f"Somebody else is moving the champion of {name}: {owner}",
            allowed="One at a time moves it",
            do="Try again when they are done; nothing was moved",
        )
    )
