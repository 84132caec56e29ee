"""A study's folder: nothing is lost but the trial under way, and nothing is mixed up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from salesml.errors import OutsideError, UsageError
from salesml.lifecycle.tuning.study import Study, looks_before
from salesml.lifecycle.tuning.trial import Trial

IDENTITY = {"spec": "a", "data": "b", "seed": "0", "versions": "salesml 1"}


def trial(number: int) -> Trial:
    return Trial(number=number, state="complete", chosen={"n_repeats": 2}, learner={"n_repeats": 2},
                 losses=(0.1 + 0.2, 1 / 3), seconds=(1.0, 2.0))  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study.begin(tmp_path / "tuning", "churn", IDENTITY)


def test_trials_come_back_to_the_last_digit(study: Study) -> None:
    for number in range(3):
        study.keep(trial(number))
    again = Study.newest(study.folder.parent, "churn")
    assert again is not None
    assert again.identity == IDENTITY
    assert again.trials() == (trial(0), trial(1), trial(2))


def test_a_line_that_a_kill_broke_off_is_none_and_the_next_one_is_whole(study: Study) -> None:
    study.keep(trial(0))
    path = study.folder / "trials.jsonl"
    path.write_text(path.read_text() + trial(1).json()[:40])
    assert study.trials() == (trial(0),)
    study.keep(trial(1))
    assert study.trials() == (trial(0), trial(1))


def test_what_follows_a_gap_is_not_believed(study: Study) -> None:
    study.keep(trial(0))
    study.keep(trial(2))
    assert study.trials() == (trial(0),)


def test_the_newest_study_is_found_and_unfinished_folders_are_not(tmp_path: Path) -> None:
    first = Study.begin(tmp_path, "churn", IDENTITY, called="20250101T000000Z")
    second = Study.begin(tmp_path, "churn", IDENTITY, called="20250301T000000Z")
    (tmp_path / ".20260101T000000Z.unfinished").mkdir()
    found = Study.newest(tmp_path, "churn")
    assert found is not None
    assert found.folder == second.folder != first.folder
    assert Study.newest(tmp_path / "nothing", "churn") is None


def test_a_study_of_something_else_does_not_go_on(study: Study) -> None:
    study.refuse_other(dict(IDENTITY))
    with pytest.raises(UsageError) as caught:
        study.refuse_other({**IDENTITY, "data": "c", "seed": "7"})
    assert [fault.code for fault in caught.value.faults] == ["other-study", "other-study"]
    assert "the rows to learn from are others." in caught.value.faults[0].sentences
    assert "the seed is another (then 0, now 7)" in caught.value.faults[1].sentences
    assert "Leave --resume out: a new study begins" in str(caught.value)


def test_two_do_not_go_on_with_one_study(study: Study) -> None:
    with study.alone(), pytest.raises(OutsideError) as caught, study.alone():
        pass
    assert caught.value.code == "job-running"


def test_losses_are_numbers_of_the_right_length_or_nothing(study: Study) -> None:
    study.keep_losses(3, np.arange(4.0))
    found = study.losses(3, 4)
    assert found is not None
    assert found.tolist() == [0, 1, 2, 3]
    assert study.losses(3, 5) is None
    assert study.losses(4, 4) is None
    (study.folder / "losses" / "00003.npy").write_bytes(b"no numbers")
    assert study.losses(3, 4) is None


def test_a_full_disk_is_said(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutsideError) as caught:
        study.keep(trial(0))
    assert "No space left on device" in str(caught.value)
    assert "go on with --resume" in str(caught.value)


def test_winners_that_were_compared_on_the_same_rows_are_counted_once(tmp_path: Path) -> None:
    two, three = {"n_repeats": 2}, {"n_repeats": 3}
    for called, test, judged in (
        ("a", "x", [two]),
        ("b", "x", [two, three]),
        ("c", "y", [{"num_leaves": 9}]),
    ):
        folder = Study.begin(tmp_path, "churn", IDENTITY, called=called)
        folder.write("result.json", json.dumps({"identity": {"test": test}, "judged": judged}))
    assert looks_before(tmp_path, "x") == [two, three]
    assert looks_before(tmp_path, "z") == []
