"""The last champion comes back, again and again, with the scores that were published of it."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

import salesml
from salesml.cli import main
from salesml.config.tracking import Tracking
from salesml.errors import ModelError, OutsideError, UsageError
from salesml.lifecycle.promotion import promote, revert
from salesml.store.engine import Store, reading
from salesml.store.generations import current
from salesml.store.models import Generation
from salesml.tracking.champion import MOVING
from salesml.tracking.store import connected
from tests.lifecycle.promotion.conftest import BETTER, GOOD, POOR, SHIFTED, Registered, told

module: Any = importlib.import_module("salesml.lifecycle.promotion.revert")
DAY = "2026-01-01"


def forced(shop: Registered, *versions: int) -> None:
    for version in versions:
        promote("churn", version, shop.crm, force=True, reason="a drill", by="ann")


def back(shop: Registered, **how: Any) -> Any:
    return revert("churn", tracking=shop.tracking, by="bob", **how)


@pytest.fixture(scope="module")
def scored(made: Registered, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scores of one date of versions 1 and then 2, in a folder and in a store."""
    folder = tmp_path_factory.mktemp("scored")
    files = made.folder / "crm.yaml", made.folder / "mlflow.yaml", made.folder / "models" / "churn.yaml"
    given = [
        each for pair in zip(("--crm", "--config", "--spec"), map(str, files), strict=True) for each in pair
    ]
    for version in (POOR, GOOD):
        model = f"models:/{made.registered}/{version}"
        for out in (str(folder / "scores"), f"sqlite:///{folder / 'store.db'}"):
            assert main(["score", "churn", "--as-of", DAY, "--out", out, "--model", model, *given]) == 0
    return folder


@pytest.fixture
def places(scored: Path, tmp_path: Path) -> Path:
    """The same for one test."""
    shutil.copytree(scored, tmp_path / "places", symlinks=True)
    return tmp_path / "places"


def versions_in(folder: Path) -> set[str]:
    table = salesml.read_scores(folder, "churn", DAY)
    return set(table["model_version"].to_pylist())


def shown_by(url: str) -> str:
    with Store(url) as store, reading(store.published) as connection:
        found = current(connection, "churn")
    assert found is not None
    return found.model_version


def test_again_and_again_back_in_time(shop: Registered) -> None:
    forced(shop, GOOD, SHIFTED)
    done = back(shop, reason="too many calls")
    assert (done.version, done.was, done.moved) == (GOOD, SHIFTED, True)
    assert "Version 2 of salesml-churn is the champion again, in the place of version 4" in done.text()
    assert "Published scores were not touched" in done.text()
    told_why = shop.tags(SHIFTED)["salesml.reverted"]
    assert told_why.startswith("to version 2 by bob at ")
    assert told_why.endswith(": too many calls")
    assert back(shop).version == POOR
    with pytest.raises(ModelError, match="no former champion that could be brought back") as caught:
        back(shop)
    assert caught.value.code == "no-former"
    assert shop.champion() == POOR


def test_one_that_was_promoted_twice_is_not_gone_round_in_a_circle(shop: Registered) -> None:
    forced(shop, GOOD, POOR, SHIFTED)
    assert [back(shop).version for _ in range(3)] == [POOR, GOOD, POOR]
    with pytest.raises(ModelError):
        back(shop)


def test_to_a_version_that_was_never_champion(shop: Registered) -> None:
    forced(shop, GOOD)
    assert back(shop, to=BETTER).version == BETTER
    assert shop.before() == (POOR, GOOD)
    assert back(shop).version == GOOD
    with pytest.raises(ModelError, match="has no version 99"):
        back(shop, to=99)


def test_a_former_champion_that_no_longer_loads_is_passed_over(shop: Registered) -> None:
    broken = shop.log(told(shop.bundle, slope=0.7))
    forced(shop, broken, GOOD)
    with connected(shop.tracking) as client:
        run = client.get_model_version(shop.registered, str(broken)).run_id
        shutil.rmtree(Path(client.get_run(run).info.artifact_uri.removeprefix("file://")) / "model")
    done = back(shop)
    assert done.version == POOR
    assert f"Version {broken} was the champion before, and is passed over" in done.text()


def test_a_store_shows_the_scores_of_the_restored_one(shop: Registered, places: Path) -> None:
    forced(shop, GOOD)
    url = f"sqlite:///{places / 'store.db'}"
    assert shown_by(url) == f"salesml-churn/{GOOD}"
    done = back(shop, store=url)
    assert shown_by(url) == f"salesml-churn/{POOR}"
    assert not done.alarming
    assert "shows its scores as of 2026-01-01 again" in done.text()
    again = back(shop, to=POOR, store=url)
    assert (again.moved, again.turned[0].changed, again.alarming) == (False, False, False)


def test_a_folder_shows_the_scores_of_the_restored_one(shop: Registered, places: Path) -> None:
    forced(shop, GOOD)
    folder = places / "scores"
    assert versions_in(folder) == {f"salesml-churn/{GOOD}"}
    done = back(shop, folders=[folder])
    assert versions_in(folder) == {f"salesml-churn/{POOR}"}
    assert not done.alarming
    part = next((folder / "task=churn" / f"as_of={DAY}").glob("*.parquet"))
    assert set(pq.read_table(part)["model_version"].to_pylist()) == {f"salesml-churn/{POOR}"}


def test_scores_that_are_no_longer_kept_are_an_alarm_with_what_to_do(shop: Registered, places: Path) -> None:
    forced(shop, SHIFTED, GOOD)
    url = f"sqlite:///{places / 'store.db'}"
    done = back(shop, store=url, folders=[places / "scores"])
    assert (done.version, done.alarming) == (SHIFTED, True)
    assert shown_by(url) == f"salesml-churn/{GOOD}"
    assert "keeps no whole scores of the restored version" in done.text()
    assert f"salesml score churn --as-of {DAY} --out {places / 'scores'}" in done.text()


def test_a_generation_whose_rows_are_gone_is_not_shown(shop: Registered, places: Path) -> None:
    forced(shop, GOOD)
    url = f"sqlite:///{places / 'store.db'}"
    with Store(url) as store:
        poor = Generation.model_version == f"salesml-churn/{POOR}"
        store.write(lambda con: con.execute(sa.update(Generation).where(poor).values(state="history")))
    assert back(shop, store=url).alarming
    assert shown_by(url) == f"salesml-churn/{GOOD}"


def test_places_that_are_away_or_hold_nothing_stop_before_anything_is_moved(
    shop: Registered, places: Path, tmp_path: Path
) -> None:
    forced(shop, GOOD)
    url = f"sqlite:///{places / 'store.db'}"
    with pytest.raises(UsageError, match="is no folder of scores of churn by date"):
        back(shop, store=url, folders=[tmp_path / "nowhere"])
    with pytest.raises(
        UsageError, match=r"No scores of churn are published in .*; nothing was moved|No scores"
    ):
        back(shop, store=f"sqlite:///{tmp_path / 'empty.db'}")
    assert shop.champion() == GOOD
    assert shown_by(url) == f"salesml-churn/{GOOD}"


def test_a_registry_that_is_away(shop: Registered, tmp_path: Path) -> None:
    with pytest.raises(OutsideError) as caught:
        revert("churn", tracking=Tracking(tracking_uri="http://127.0.0.1:9", folder=tmp_path))
    assert caught.value.exit_code == 4


class Killed(BaseException):
    """What a kill looks like from inside."""


@pytest.mark.parametrize("after", ["alias", "store"])
def test_killed_between_the_alias_and_the_scores_the_next_one_ends_it(
    shop: Registered, places: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    forced(shop, GOOD, SHIFTED)
    url, folder = f"sqlite:///{places / 'store.db'}", places / "scores"
    back(shop)
    turned = "turn_store" if after == "alias" else "turn_folder"

    def killed(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(module, turned, killed)
    with pytest.raises(Killed):
        back(shop, store=url, folders=[folder])
    monkeypatch.undo()
    assert shop.champion() == POOR, "the alias is the moment that counts"
    done = back(shop, store=url, folders=[folder])
    assert (done.version, done.was) == (POOR, GOOD)
    assert "A revert that was stopped on its way is ended now" in done.text()
    assert shown_by(url) == f"salesml-churn/{POOR}"
    assert versions_in(folder) == {f"salesml-churn/{POOR}"}
    with connected(shop.tracking) as client:
        assert MOVING not in client.get_registered_model(shop.registered).tags


def test_a_disk_that_refuses_is_said_and_the_next_one_ends_it(
    shop: Registered, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced(shop, GOOD)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "turn_folder", full)
    says = "Version 1 of salesml-churn is the champion again, but .* could not be turned back: No space left"
    with pytest.raises(OutsideError, match=says) as caught:
        back(shop, folders=[places / "scores"])
    assert caught.value.code == "half-reverted"
    monkeypatch.undo()
    assert back(shop, folders=[places / "scores"]).version == POOR
    assert versions_in(places / "scores") == {f"salesml-churn/{POOR}"}
