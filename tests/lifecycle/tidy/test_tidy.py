"""What stays of past runs and what goes; nothing that is in use, or may be needed again, ever does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from salesml.cli import main
from salesml.config import read_tracking
from salesml.config.tracking import Tracking
from salesml.errors import DataError, OutsideError, UsageError
from salesml.lifecycle.promotion import revert
from salesml.lifecycle.tidy import Tidied, tidy
from salesml.lifecycle.tidy.decide import decide
from salesml.lifecycle.tidy.result import Decided
from salesml.store.engine import Store
from salesml.store.models import LOADING, Generation
from salesml.tracking import log_run
from salesml.tracking.claim import alone
from salesml.tracking.store import connected
from tests.lifecycle.conftest import Project
from tests.lifecycle.promotion.conftest import told, write_run

NAME = "salesml-churn"


@dataclass(frozen=True)
class Shop:
    """A project with many versions, each with a run and a folder."""

    folder: Path
    tracking: Tracking

    def tidy(self, **how: Any) -> Tidied:
        return tidy("churn", **{"keep": 1, "days": 0, "tracking": self.tracking} | how)

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(self.tracking.tracking_uri)

    def versions(self) -> set[int]:
        found = self.client.search_model_versions(f"name = '{NAME}'")
        return {int(each.version) for each in found}

    def runs(self) -> set[str]:
        """Of all kinds, those that are not deleted."""
        experiment = self.client.get_experiment_by_name(self.tracking.experiment)
        assert experiment is not None
        return {each.info.run_id for each in self.client.search_runs([experiment.experiment_id])}

    def run_of(self, version: int) -> str:
        return str(self.client.get_model_version(NAME, str(version)).run_id)

    def run(self, tags: dict[str, str], folder: Path | None = None) -> str:
        """A run of another kind, with the folder that it was logged from."""
        experiment = self.client.get_experiment_by_name(self.tracking.experiment)
        assert experiment is not None
        run_id = str(self.client.create_run(experiment.experiment_id, tags=tags).info.run_id)
        self.client.set_terminated(run_id)
        if folder:
            folder.mkdir(parents=True)
            (folder / "report.md").write_text("read me")
        return run_id


def numbers(decided: Iterable[Decided]) -> set[int]:
    """The versions of what was decided."""
    return {number for each in decided for number in each.versions}


VERSIONS = 8
LAST, STORE = "2026-01-01", "sqlite:///store.db"


@pytest.fixture(scope="module")
def made(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("tidy") / "shop"
    (folder / "models" / "churn").mkdir(parents=True)
    for name in ("crm.yaml", "orders.parquet", "models/churn.yaml", "mlflow.yaml"):
        shutil.copy(project.folder / name, folder / name)
    tracking = read_tracking(folder / "mlflow.yaml")
    for number in range(1, VERSIONS + 1):
        own = folder / "models" / "churn" / f"2026010{number}T000000Z"
        write_run(own, told(project.trained.bundle, shift=number / 100), NAME)
        assert log_run(own, tracking).model_version == number
    return Shop(folder, tracking)


@pytest.fixture
def shop(made: Shop, tmp_path: Path) -> Shop:
    """A copy of its own: the registry is a file."""
    folder = tmp_path / "shop"
    shutil.copytree(made.folder, folder)
    shop = Shop(folder, read_tracking(folder / "mlflow.yaml"))
    shop.client.delete_registered_model_alias(NAME, "challenger")
    with connected(shop.tracking) as client:
        client.set_registered_model_alias(NAME, "champion", "4")
        client.set_registered_model_tag(NAME, "salesml.champions", "[2, 3, 4]")
        client.set_registered_model_alias(NAME, "previous", "3")
    return shop


def test_what_goes_and_what_stays(shop: Shop) -> None:
    shop.client.set_registered_model_alias(NAME, "for-the-audit", "1")
    shop.client.set_tag(shop.run_of(5), "salesml.keep", "true")
    shop.client.set_tag(shop.run_of(6), "salesml.keep", "false")
    gone = {shop.run_of(6), shop.run_of(7)}
    before = shop.runs()
    done = shop.tidy()
    assert numbers(done.gone) == {6, 7}
    assert {each.run_id for each in done.gone} == gone
    assert shop.versions() == {1, 2, 3, 4, 5, 8}
    assert shop.runs() == before - gone
    left = {path.name for path in (shop.folder / "models" / "churn").iterdir()}
    assert left == {f"2026010{number}T000000Z" for number in (1, 2, 3, 4, 5, 8)}
    assert {each.versions[0]: each.stays for each in done.decided if each.stays} == {
        1: "it has the alias for-the-audit", 2: "a former champion, which a revert may bring back",
        3: "a former champion, which a revert may bring back", 4: "it is the champion",
        5: "tagged salesml.keep", 8: "among the newest 1",
    }  # fmt: skip
    assert "2 runs and 2 folders" in done.text()
    assert not shop.tidy().gone, "a second time there is nothing to do"


def test_a_revert_goes_as_far_back_as_before(shop: Shop) -> None:
    shop.tidy(keep=0)
    assert revert("churn", tracking=shop.tracking).version == 3
    assert revert("churn", tracking=shop.tracking).version == 2


def test_what_is_young_stays(shop: Shop) -> None:
    done = shop.tidy(days=1)
    assert not done.gone
    assert done.stays["younger than 1 days"] == 4
    assert shop.versions() == set(range(1, VERSIONS + 1))


def test_a_dry_run_says_the_same_and_removes_nothing(shop: Shop) -> None:
    before, folders = shop.runs(), sorted(shop.folder.rglob("*"))
    planned = shop.tidy(dry=True)
    assert numbers(planned.gone) == {1, 5, 6, 7}
    assert "would go: training run" in planned.text()
    assert (shop.runs(), shop.versions()) == (before, set(range(1, VERSIONS + 1)))
    assert sorted(shop.folder.rglob("*")) == folders
    assert [each.run_id for each in shop.tidy().gone] == [each.run_id for each in planned.gone]


def test_scores_that_are_shown_keep_their_version(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the manifest of a generation, or the store: where a revert looks for them."""
    monkeypatch.chdir(shop.folder)
    for version in (5, 6):
        words = ["score", "churn", "--as-of", LAST, "--model", f"models:/{NAME}/{version}", "--out"]
        assert main([*words, "scores" if version == 6 else "sqlite:///store.db"]) == 0
    done = shop.tidy(folders=[shop.folder / "scores"], store="sqlite:///store.db")
    assert numbers(each for each in done.gone if each.kind == "training") == {1, 7}
    assert numbers(each for each in done.decided if "can be shown" in each.stays) == {
        5,
        6,
    }


def test_each_kind_is_counted_by_itself_and_goes_with_its_folder(shop: Shop) -> None:
    models = shop.folder / "models" / "churn"
    kinds = {
        "backtest": ("salesml.backtest_of", "backtest", "backtests"),
        "monitor": ("salesml.monitor_of", "monitor", "monitoring"),
        "payoff": ("salesml.payoff_of", "payoff", "payoff"),
    }
    runs, folders = {}, {}
    for kind, (of, tag, place) in kinds.items():
        for number in (1, 2):
            folders[kind, number] = models / place / f"look {number}"
            tags = {of: "churn", tag: f"look {number}"}
            runs[kind, number] = shop.run(tags, folders[kind, number])
    for number in (1, 2):
        runs["scoring", number] = shop.run({"salesml.scored": "churn", "salesml.job": f"j{number}"})
    other = shop.run({"salesml.monitor_of": "conversion", "monitor": "look 1"})
    done = shop.tidy()
    assert {each.run_id for each in done.gone if each.kind != "training"} == {
        runs[kind, 1] for kind in (*kinds, "scoring")
    }
    assert {path for path in folders.values() if path.exists()} == {folders[kind, 2] for kind in kinds}
    assert other in shop.runs(), "of another model"


def test_trials_go_with_their_tuning(shop: Shop) -> None:
    first = shop.run({"salesml.tuning_of": "churn", "salesml.study": "one"})
    trial = shop.run({"salesml.tuning_of": "churn", "mlflow.parentRunId": first})
    second = shop.run({"salesml.tuning_of": "churn", "salesml.study": "two"})
    shop.tidy()
    assert not {first, trial} & shop.runs()
    assert second in shop.runs()


def test_what_is_not_in_mlflow_stays(shop: Shop) -> None:
    lonely = shop.folder / "models" / "churn" / "20250101T000000Z"
    shutil.copytree(shop.folder / "models" / "churn" / "20260101T000000Z", lonely)
    for marker in lonely.glob(".*"):
        marker.unlink()
    (lonely / "logged.json").unlink(missing_ok=True)
    done = shop.tidy()
    (found,) = [each for each in done.decided if each.folder == str(lonely)]
    assert "salesml register" in found.stays
    assert lonely.exists()


@pytest.mark.parametrize("step", ["delete_model_version", "delete_run", "folder"])
def test_killed_at_any_step_the_next_one_ends_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if step == "folder":
            patch.setattr("salesml.lifecycle.tidy.run._remove_folder", kill)
        else:
            patch.setattr(MlflowClient, step, kill)
        with pytest.raises(Killed):
            shop.tidy()
    assert {2, 3, 4} <= shop.versions()
    shop.tidy()
    assert shop.versions() == {2, 3, 4, 8}
    kept = {path.name for path in (shop.folder / "models" / "churn").iterdir()}
    assert kept == {f"2026010{number}T000000Z" for number in (2, 3, 4, 8)}
    assert len(shop.runs()) == 4


def test_who_becomes_champion_meanwhile_stays(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def then_promoted(*words: Any) -> Any:
        found = decide(*words)
        shop.client.set_registered_model_alias(NAME, "champion", "6")
        return found

    monkeypatch.setattr("salesml.lifecycle.tidy.run.decide", then_promoted)
    done = shop.tidy()
    assert numbers(done.gone) == {1, 5, 7}
    (kept,) = [each for each in done.decided if each.versions == (6,)]
    assert kept.stays == "it is the champion, as of just now"
    assert 6 in shop.versions()


@pytest.mark.parametrize("how", ["pinned", "running"])
def test_what_becomes_needed_meanwhile_stays(shop: Shop, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    run = shop.run_of(6)

    def then_needed(*words: Any) -> Any:
        found = decide(*words)
        if how == "pinned":
            shop.client.set_tag(run, "salesml.keep", "yes")
        else:
            shop.client.update_run(run, status="RUNNING")
        return found

    monkeypatch.setattr("salesml.lifecycle.tidy.run.decide", then_needed)
    done = shop.tidy()
    assert numbers(done.gone) == {1, 5, 7}
    assert run in shop.runs()
    (kept,) = [each for each in done.decided if each.run_id == run]
    assert kept.stays.endswith("as of just now")
    assert Path(kept.folder).is_dir()


def test_scores_that_are_published_meanwhile_keep_their_version(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def shown(*_: Any) -> frozenset[str]:
        asked.append(1)
        return frozenset({f"{NAME}/6"} if len(asked) > 1 else ())

    monkeypatch.setattr("salesml.lifecycle.tidy.run.versions_shown", shown)
    assert numbers(shop.tidy().gone) == {1, 5, 7}


def test_scores_that_are_being_loaded_keep_their_version(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.folder)
    assert main(["score", "churn", "--as-of", LAST, "--model", f"models:/{NAME}/5", "--out", STORE]) == 0
    with Store(STORE) as store:
        store.write(lambda connection: connection.execute(sa.update(Generation).values(state=LOADING)))
    assert 5 not in numbers(shop.tidy(store=STORE).gone)


def test_a_run_that_somebody_else_deleted_keeps_its_folder(shop: Shop) -> None:
    """Only what this removes goes: a version may still be registered from it, or somebody restores it."""
    for version in (4, 6):
        shop.client.delete_run(shop.run_of(version))
    done = shop.tidy()
    assert {
        each.stays for each in done.decided if "20260104" in each.folder or "20260106" in each.folder
    } == {"not in MLflow: `salesml register` logs it, or remove it by hand"}
    left = {path.name[:8] for path in (shop.folder / "models" / "churn").iterdir()}
    assert {"20260104", "20260106"} <= left
    assert {4, 6} <= shop.versions()


def test_a_run_of_two_versions_stays_for_the_sake_of_either(shop: Shop) -> None:
    client, run = shop.client, shop.run_of(6)
    source = client.get_model_version(NAME, "6").source
    twin = int(client.create_model_version(NAME, source, run).version)
    client.set_registered_model_alias(NAME, "champion", str(twin))
    done = shop.tidy(keep=0)
    assert {6, twin} <= shop.versions()
    assert run in shop.runs()
    assert not {6, twin} & numbers(done.gone)
    client.set_registered_model_alias(NAME, "champion", "4")
    client.set_registered_model_tag(NAME, "salesml.champions", "[4]")
    client.delete_registered_model_alias(NAME, "previous")
    assert {6, twin} <= numbers(shop.tidy(keep=0).gone)
    assert not {6, twin} & shop.versions(), "both go with their run"


def test_a_folder_that_was_half_removed_is_removed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def half(path: Path) -> None:
        (path / "run.json").unlink()
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("salesml.lifecycle.tidy.folders.shutil.rmtree", half)
        with pytest.raises(Killed):
            shop.tidy()
    shop.tidy()
    left = {path.name for path in (shop.folder / "models" / "churn").iterdir()}
    assert left == {f"2026010{number}T000000Z" for number in (2, 3, 4, 8)}


def test_it_waits_for_whoever_moves_the_champion(shop: Shop) -> None:
    with (
        connected(shop.tracking) as client, alone(client, shop.tracking, NAME),
        pytest.raises(OutsideError) as error,
    ):  # fmt: skip
        shop.tidy(wait=0.1)
    assert (error.value.code, error.value.exit_code) == ("promotion-running", 4)
    assert shop.versions() == set(range(1, VERSIONS + 1))


def test_where_something_is_away_nothing_is_removed(shop: Shop) -> None:
    before = shop.runs()
    away = replace(shop.tracking, tracking_uri="http://127.0.0.1:9", registry_uri="http://127.0.0.1:9")
    for how, code in (
        ({"tracking": away}, "tracking-away"), ({"store": "postgresql://nobody@127.0.0.1:9/x"}, "store-away"),
    ):  # fmt: skip
        with pytest.raises(OutsideError) as error:
            shop.tidy(**how)
        assert (error.value.code, error.value.exit_code) == (code, 4)
    with pytest.raises(UsageError) as wrong:
        shop.tidy(folders=[shop.folder / "models"])
    assert wrong.value.code == "no-scores"
    with pytest.raises(DataError) as none:
        shop.tidy(store=f"sqlite:///{shop.folder}/misspelt.db")
    assert none.value.code == "no-store", "what a store shows cannot be kept where another is asked"
    assert (shop.runs(), shop.versions()) == (before, set(range(1, VERSIONS + 1)))


def test_a_version_that_went_is_asked_for_in_vain_and_in_words(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop.folder)
    assert main(["tidy", "churn", "--keep", "1", "--days", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rule"] == {"keep": 1, "days": 0}
    assert main(["status", "churn"]) == 0
    assert "champion" in capsys.readouterr().out
    assert main(["promote", "churn", "6"]) == 1
    assert "[no-version]" in capsys.readouterr().err
    assert main(["revert", "churn", "--to", "6"]) == 1
    assert "6" in capsys.readouterr().err


def test_mlflow_frees_the_room_and_leaves_what_stays(shop: Shop) -> None:
    """The command of the page. Files are those of all copies of the shop: one version's only are to go."""
    for version in (1, 5, 6):
        shop.client.set_tag(shop.run_of(version), "salesml.keep", "true")
    going = shop.run_of(7)
    kept, gone = (
        Path(shop.client.get_run(run).info.artifact_uri.removeprefix("file://"))
        for run in (shop.run_of(4), going)
    )
    shop.tidy()
    assert gone.exists()
    address = shop.tracking.tracking_uri
    words = ["gc", "--backend-store-uri", address, "--tracking-uri", address]
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not gone.exists()
    assert list(kept.rglob("*.*"))
    with pytest.raises(MlflowException):
        shop.client.get_run(going)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("retention: {keep: -1}", "-1"),
        ("retention: {days: soon}", "soon"),
        ("retention: {weeks: 3}", "weeks"),
    ],
)
def test_a_wrong_rule_is_refused_before_anything_goes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    monkeypatch.chdir(shop.folder)
    Path("mlflow.yaml").write_text(Path("mlflow.yaml").read_text() + text + "\n")
    assert main(["tidy", "churn"]) == 2
    assert says in capsys.readouterr().err
    assert shop.versions() == set(range(1, VERSIONS + 1))


def test_a_name_of_which_nothing_is_known_says_so(shop: Shop) -> None:
    found = tidy("chrun", tracking=shop.tracking)
    assert found.text() == "chrun: there is no run of it in MLflow, and no folder of one"


@pytest.mark.parametrize("number", ["-1", "many", "1.5"])
def test_options_that_are_no_numbers(capsys: pytest.CaptureFixture[str], number: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["tidy", "churn", f"--keep={number}"])
    assert caught.value.code == 2
    assert f"'{number}' is not a whole number from 0 on" in capsys.readouterr().err


def test_the_rule_of_the_file_counts_and_an_option_goes_before_it(shop: Shop) -> None:
    file = shop.folder / "mlflow.yaml"
    file.write_text(file.read_text() + "retention: {keep: 3, days: 0}\n")
    stated = read_tracking(file)
    planned = tidy("churn", tracking=stated, dry=True)
    assert numbers(planned.gone) == {1, 5}
    assert {
        number for each in tidy("churn", keep=2, tracking=stated, dry=True).gone for number in each.versions
    } == {1, 5, 6}
