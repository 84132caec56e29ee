"""Moving a champion: the chain of former ones, and what a killed move leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from mlflow import MlflowClient

from salesml.config import Tracking
from salesml.errors import OutsideError
from salesml.tracking import log_run
from salesml.tracking.champion import CHAIN, MOVING, PREVIOUS, Standing, mend, move, standing
from salesml.tracking.claim import CLAIM, claimed
from salesml.tracking.store import connected
from tests.tracking.made import run_folder

WHY = {"kind": "promote", "by": "ann"}


class Killed(BaseException):
    """What a kill looks like from inside: nothing may catch it."""


class Mortal:
    """A client that is killed at its n-th change."""

    def __init__(self, client: Any, left: int) -> None:
        self._client, self.left = client, left

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not name.startswith(("set_", "delete_")):
            return found

        def mortal(*args: Any, **named: Any) -> Any:
            if not self.left:
                raise Killed
            self.left -= 1
            return found(*args, **named)

        return mortal


@pytest.fixture(scope="module")
def name(store: Tracking, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A registered model with three versions."""
    folder = tmp_path_factory.mktemp("moved")
    for number in range(3):
        log_run(run_folder(folder / str(number), registered_name="moved", params={"seed": number}), store)
    return "moved"


@pytest.fixture
def client(store: Tracking, name: str) -> Iterator[MlflowClient]:
    """A client of the store, with version 1 the champion and no chain."""
    with connected(store) as found:
        tags = found.get_registered_model(name).tags
        for tag in tags:
            found.delete_registered_model_tag(name, tag)
        found.set_registered_model_alias(name, "champion", "1")
        found.delete_registered_model_alias(name, PREVIOUS)
        yield found


def go(client: MlflowClient, name: str, to: int) -> Standing:
    now = standing(client, name)
    return move(client, now, to, (*now.chain, to), why=WHY)


def test_the_first_champion_has_none_before_it(client: MlflowClient, name: str) -> None:
    assert standing(client, name) == Standing(name, 1, ())


def test_moves_make_a_chain(client: MlflowClient, name: str) -> None:
    go(client, name, 2)
    assert go(client, name, 3) == standing(client, name) == Standing(name, 3, (1, 2))
    aliases = client.get_registered_model(name).aliases
    assert (aliases["champion"], aliases[PREVIOUS]) in (("3", "2"), (3, 2))
    assert MOVING not in client.get_registered_model(name).tags


def test_an_alias_that_was_moved_by_hand_is_true(client: MlflowClient, name: str) -> None:
    go(client, name, 2)
    client.set_registered_model_alias(name, "champion", "3")
    assert standing(client, name) == Standing(name, 3, (1, 2))


def test_a_chain_that_cannot_be_read_is_none(client: MlflowClient, name: str) -> None:
    client.set_registered_model_tag(name, CHAIN, "what?")
    client.set_registered_model_tag(name, MOVING, '["odd"]')
    assert standing(client, name) == Standing(name, 1, ())
    assert mend(client, name) is None


def test_a_champion_that_was_moved_meanwhile_is_not_moved_again(client: MlflowClient, name: str) -> None:
    before = standing(client, name)
    go(client, name, 2)
    with pytest.raises(
        OutsideError, match=r"The champion was version 1 when this began, and .*version 2"
    ) as bad:
        move(client, before, 3, (1, 3), why=WHY)
    assert (bad.value.code, bad.value.exit_code) == ("champion-moved", 4)
    assert standing(client, name).champion == 2


def test_one_that_was_moved_away_and_back_is_not_moved_by_an_old_chain(
    client: MlflowClient, name: str
) -> None:
    before = standing(client, name)
    go(client, name, 2)
    go(client, name, 1)
    with pytest.raises(OutsideError, match="version 1, was moved away and back since this began"):
        move(client, before, 3, (*before.chain, 3), why=WHY)
    assert standing(client, name) == Standing(name, 1, (1, 2))


@pytest.mark.parametrize("left", range(5))
def test_killed_at_any_change_it_is_the_old_one_or_the_new(
    client: MlflowClient, name: str, left: int
) -> None:
    go(client, name, 2)
    now = standing(client, name)
    done = []
    with pytest.raises(Killed):
        move(
            cast(Any, Mortal(client, left)), now, 3, (1, 2, 3), why=WHY, then=lambda: done.append(1)
        )  # fmt: skip
    moved = left >= 2
    expected = Standing(name, 3, (1, 2)) if moved else Standing(name, 2, (1,))
    assert standing(client, name) == expected, "whoever looks before it is mended sees what is true"
    found = mend(client, name)
    assert (found is not None and found["to"] == 3) is moved
    assert standing(client, name) == expected
    assert MOVING not in client.get_registered_model(name).tags
    assert int(client.get_registered_model(name).aliases[PREVIOUS]) == expected.before[-1]
    assert mend(client, name) is None


def test_a_move_that_was_killed_can_be_made_again(client: MlflowClient, name: str) -> None:
    now = standing(client, name)
    with pytest.raises(Killed):
        move(cast(Any, Mortal(client, 1)), now, 2, (1, 2), why=WHY)
    assert go(client, name, 2) == Standing(name, 2, (1,))


def test_work_that_belongs_to_a_move_and_fails_leaves_it_to_be_mended(
    client: MlflowClient, name: str, tmp_path: Path
) -> None:
    def fails() -> None:
        raise OSError

    with pytest.raises(OSError):
        move(client, standing(client, name), 2, (1, 2), why=WHY, then=fails)
    assert standing(client, name) == Standing(name, 2, (1,))
    found = mend(client, name)
    assert found is not None
    assert (found["kind"], found["from"], found["by"]) == ("promote", 1, "ann")


def test_a_move_that_another_has_mended_leaves_the_others_alone(client: MlflowClient, name: str) -> None:
    """Work that takes longer than a claim lasts: somebody else has gone on meanwhile."""

    def overtaken() -> None:
        assert mend(client, name)
        client.set_registered_model_tag(name, MOVING, '{"to": 3, "chain": [1, 2, 3]}')

    move(client, standing(client, name), 2, (1, 2), why=WHY, then=overtaken)
    assert MOVING in client.get_registered_model(name).tags


def test_claims_are_tags_that_mlflow_takes(client: MlflowClient, name: str) -> None:
    with claimed(client, name) as still:
        still()
        with pytest.raises(OutsideError, match="moving the champion of moved"), claimed(client, name, wait=0):
            pass
    assert not [tag for tag in client.get_registered_model(name).tags if tag.startswith(CLAIM)]
