"""Which version is in use, which were before it, and moving from one to another so that nothing is lost.

MLflow changes one alias or one tag at a time. So a move first says what it is about to do (the tag
``salesml.moving``), then moves the alias ``champion``, which is the moment that counts, and then brings the
chain of former champions up to date. Whoever comes after one that was killed in between mends: what the alias
says is true, and the rest follows from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salesml.errors import Fault, OutsideError
from salesml.tracking.log import BEST

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAIN, MOVING = "salesml.champions", "salesml.moving"
"""Tags of the registered model: versions that were in use, oldest first, the one of now last; and the move
that is going on."""

PREVIOUS = "previous"
"""Alias of the version that a revert would bring back."""

KEPT = 100
"""Former champions that are remembered."""


@dataclass(frozen=True)
class Standing:
    """Which version of a model is in use.

    Parameters
    ----------
    name : str
        The registered model.
    champion : int or None
        None before there ever was one.
    before : tuple of int
        Former champions, the latest last.
    """

    name: str
    champion: int | None
    before: tuple[int, ...] = ()

    @property
    def chain(self) -> tuple[int, ...]:
        """All of them, the one of now last."""
        return (*self.before, *(() if self.champion is None else (self.champion,)))


def standing(client: MlflowClient, name: str) -> Standing:
    """How a registered model stands, whatever a killed move left.

    Raises
    ------
    mlflow.exceptions.MlflowException
        When there is no such model.
    """
    model = client.get_registered_model(name)
    champion = model.aliases.get(BEST)
    now = None if champion is None else int(champion)
    chain = _chain(model.tags.get(CHAIN, ""))
    going_on = moving(model.tags)
    if going_on and going_on["to"] == now:
        chain = tuple(int(each) for each in going_on["chain"])
    return Standing(name, now, _before(chain, now))


def moving(tags: dict[str, str]) -> dict[str, Any] | None:
    """The move that was begun and not ended, if any."""
    try:
        found = json.loads(tags.get(MOVING, ""))
    except ValueError:
        return None
    whole = isinstance(found, dict) and {"to", "chain"} <= found.keys()
    return found if whole else None


def mend(client: MlflowClient, name: str) -> dict[str, Any] | None:
    """End a move that was killed on its way, or forget it where the alias was not moved.

    Returns
    -------
    dict or None
        The move that was ended, as it was begun.
    """
    found = moving(client.get_registered_model(name).tags)
    if found is None:
        return None
    now = standing(client, name)
    happened = now.champion == found["to"]
    if happened:
        _follow(client, now)
    client.delete_registered_model_tag(name, MOVING)
    return found if happened else None


def move(
    client: MlflowClient,
    before: Standing,
    to: int,
    chain: tuple[int, ...],
    *,
    why: dict[str, Any],
    still: Callable[[], None] = lambda: None,
    then: Callable[[], None] = lambda: None,
) -> Standing:
    """Make another version the champion; call it where nobody else moves it (``salesml.tracking.claim``).

    Parameters
    ----------
    before : Standing
        What the decision to move rests on.
    chain : tuple of int
        Champions after the move, ``to`` last.
    why : dict
        What is going on, for whoever finds it unfinished.
    still : callable
        Raises where nobody else is kept out any more.
    then : callable
        Work that belongs to the move, done once the alias has moved and before the move counts as ended.

    Raises
    ------
    OutsideError
        ``champion-moved`` when somebody else has moved it meanwhile.
    """
    now = standing(client, before.name)
    if now != before:
        raise champion_moved(before, now)
    begun = json.dumps({**why, "from": before.champion, "to": to, "chain": list(chain[-KEPT:])})
    client.set_registered_model_tag(before.name, MOVING, begun)
    still()
    client.set_registered_model_alias(before.name, BEST, str(to))
    after = Standing(before.name, to, chain[-KEPT:-1])
    _follow(client, after)
    then()
    # What took longer than a claim lasts may find that another has mended it, and begun a move of its own.
    if client.get_registered_model(before.name).tags.get(MOVING) == begun:
        client.delete_registered_model_tag(before.name, MOVING)
    return after


def champion_moved(before: Standing, now: Standing) -> OutsideError:
    """Somebody else was quicker."""
    back = f"The champion, version {now.champion}, was moved away and back since this began"
    away = f"{_said(before)} when this began, and {_said(now)} now: somebody else has moved it"
    return OutsideError(
        Fault(
            code="champion-moved",
            found=back if now.champion == before.champion else away,
            allowed="A challenger is promoted against the champion that it was judged against",
            do="Run it again, against the champion of now; nothing was moved",
        )
    )


def _follow(client: MlflowClient, now: Standing) -> None:
    """Bring what follows from the alias up to date."""
    client.set_registered_model_tag(now.name, CHAIN, json.dumps(list(now.chain)))
    if now.before:
        client.set_registered_model_alias(now.name, PREVIOUS, str(now.before[-1]))
    elif PREVIOUS in client.get_registered_model(now.name).aliases:
        client.delete_registered_model_alias(now.name, PREVIOUS)


def _chain(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(each) for each in json.loads(text))
    except (ValueError, TypeError):
        return ()


def _before(chain: tuple[int, ...], now: int | None) -> tuple[int, ...]:
    """Former champions; where the alias was moved by hand, the last of the chain is one."""
    return chain[:-1] if chain and chain[-1] == now else chain


def _said(each: Standing) -> str:
    return "There was no champion" if each.champion is None else f"The champion was version {each.champion}"
