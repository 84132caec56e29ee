"""The bundle: the same model back, nothing rare in it, and every changed byte refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from salesml.errors import ModelError, OutsideError
from salesml.model import bundle_files
from salesml.model.bundle import Bundle, band_cutoffs, count_levels
from salesml.model.calibration import Calibration
from salesml.words.peers import Peers
from tests.scoring.made import FEATURES, bundle, rows


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return bundle().save(tmp_path / "bundle")


def refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        Bundle.load(folder)
    return str(caught.value)


def rewrite(folder: Path, change: Any) -> None:
    """Change bundle.json and make its digest right again, as somebody with intent would."""
    path = folder / "bundle.json"
    document = json.loads(path.read_text())
    change(document)
    document["digest_of_this_file"] = "0" * 64
    text = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    right = hashlib.sha256(text.encode()).hexdigest()
    own = '"digest_of_this_file": "'
    path.write_text(text.replace(own + "0" * 64, own + right))


def test_comes_back_the_same(saved: Path) -> None:
    loaded = Bundle.load(saved)
    assert loaded == bundle()
    assert loaded.digest == bundle().digest
    assert sorted(path.name for path in saved.iterdir()) == ["booster.txt", "bundle.json"]


def test_saved_twice_it_is_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    again = Bundle.load(saved).save(tmp_path / "again")
    for name in ("booster.txt", "bundle.json"):
        assert (saved / name).read_bytes() == (again / name).read_bytes()


def test_digest_leaves_out_times_and_runs_but_nothing_else() -> None:
    assert replace(bundle(), created_at="later", run_id="2").digest == bundle().digest
    assert replace(bundle(), calibration=Calibration(1.0, 0.0)).digest != bundle().digest
    assert (
        replace(bundle(), features=(replace(FEATURES[0], words="x"), *FEATURES[1:])).digest != bundle().digest
    )


def test_every_byte_is_guarded(saved: Path) -> None:
    random = np.random.default_rng(0)
    for name in ("booster.txt", "bundle.json"):
        path = saved / name
        data = path.read_bytes()
        for place in random.integers(0, len(data), 40):
            path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            assert f"{name} of the bundle" in refused(saved)
        path.write_bytes(data + b"\n")
        assert "is not as it was written" in refused(saved)
        path.write_bytes(data)
    Bundle.load(saved)


def test_missing_and_extra_files(saved: Path) -> None:
    (saved / ".cache").mkdir()
    (saved / ".cache" / "anything").write_text("x")
    Bundle.load(saved)
    (saved / "model.pkl").write_bytes(b"x")
    assert "holds model.pkl, which does not belong to it" in refused(saved)
    (saved / "booster.txt").unlink()
    assert "lacks booster.txt" in refused(saved)
    assert "2 faults" in refused(saved)
    assert "is not a folder" in refused(saved / "nowhere")


def test_newer_format(saved: Path) -> None:
    rewrite(saved, lambda document: document.update(format=5, novelty=1))
    assert "has format 5, made by a newer salesml" in refused(saved)
    assert "Install the newer salesml" in refused(saved)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("coding"), "does not describe a model"),
        (lambda d: d.update(surprise=1), "does not describe a model"),
        (lambda d: d["features"].pop(), "do not agree"),
        (lambda d: d["features"].reverse(), "do not agree"),
        (lambda d: d["calibration"].update(a=-1.0), "slope is -1.0"),
        (lambda d: d["cutoffs"].update(A=-99.0), "do not fall"),
        (lambda d: d.update(level_accounts={}), "fewer than 20 accounts share"),
        (lambda d: d.update(format="1"), "states no format"),
    ],
)
def test_a_document_that_is_not_a_model(saved: Path, change: Any, words: str) -> None:
    rewrite(saved, change)
    assert words in refused(saved)


def test_a_key_written_twice(saved: Path) -> None:
    path = saved / "bundle.json"
    text = path.read_text().replace('  "task": "churn",', '  "task": "fit",\n  "task": "churn",')
    old = json.loads(text)["digest_of_this_file"]
    blank = text.replace(old, "0" * 64)
    path.write_text(text.replace(old, hashlib.sha256(blank.encode()).hexdigest()))
    assert "is not as it was written" in refused(saved)


def test_no_level_that_few_accounts_share(tmp_path: Path) -> None:
    few = {"industry": {**bundle().level_accounts["industry"], "farming": 19}}
    with pytest.raises(ModelError, match="industry has 1 values that fewer than 20 accounts share") as caught:
        replace(bundle(), level_accounts=few).save(tmp_path / "b")
    assert "farming" not in str(caught.value)
    assert not (tmp_path / "b").exists()


def test_levels_are_counted_by_account() -> None:
    frame = rows(100)
    names = [feature.name for feature in FEATURES]
    counts = count_levels(bundle().coding, frame[names], ["one"] * 100)
    assert set(counts["industry"].values()) == {1}
    single = count_levels(bundle().coding, frame[names], list(frame["entity_id"]))
    assert single["industry"]["retail"] == (frame["industry"] == "retail").sum()


def test_no_customer_is_in_it(saved: Path) -> None:
    text = (saved / "bundle.json").read_text() + (saved / "booster.txt").read_text()
    frame = rows()
    assert not [name for name in frame["entity_id"] if name in text]
    assert str(frame["revenue_90"].max()) not in text
    assert "parameters" not in text


def test_bands_follow_their_shares() -> None:
    raw = np.arange(1000.0)
    cutoffs = band_cutoffs(raw, {"A": 0.05, "B": 0.2, "C": 0.5})
    bands = replace(bundle(), cutoffs=cutoffs).band(raw)
    assert [int((bands == name).sum()) for name in "ABCD"] == [50, 150, 300, 500]
    with pytest.raises(ModelError, match="no scores"):
        band_cutoffs(np.empty(0), {"A": 0.1})


def test_never_written_over(saved: Path) -> None:
    with pytest.raises(ModelError, match="exists already"):
        bundle().save(saved)


def test_nan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not finite"):
        replace(bundle(), base_value=float("nan"))
    with pytest.raises(ModelError, match="not plain data"):
        replace(bundle(), quarantine_max=float("nan")).save(tmp_path / "b")


def test_a_disk_that_fills_leaves_nothing(tmp_path: Path, saved: Path) -> None:
    script = (
        "import resource, signal, sys; from salesml.model.bundle import Bundle\n"
        "from salesml.errors import OutsideError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "b = Bundle.load(sys.argv[1]); resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try: b.save(sys.argv[2])\n"
        "except OutsideError as error: print(error)"
    )
    target = tmp_path / "full" / "bundle"
    done = subprocess.run(
        [sys.executable, "-c", script, str(saved), str(target)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": "src"},
        check=True,
    )
    assert "could not be written" in done.stdout
    assert "Make room" in done.stdout
    assert list(target.parent.iterdir()) == []


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutsideError, match="could not be written"):
        bundle().save(tmp_path / "file" / "bundle")


def test_scores_like_the_estimator_did() -> None:
    frame = rows(50, 3)
    coded = bundle().coding.encode(frame[[feature.name for feature in FEATURES]])
    raw = lgb.Booster(model_str=bundle().booster).predict(coded, raw_score=True)
    base = lgb.Booster(model_str=bundle().booster).predict(coded, pred_contrib=True)[:, -1]
    assert np.allclose(bundle().calibration.logit(base), bundle().base_value)
    assert np.ptp(raw) > 1


@pytest.mark.parametrize("name", ["booster.txt", "bundle.json"])
@pytest.mark.parametrize("kind", ["device", "pipe", "link"])
def test_only_regular_files_are_read(saved: Path, tmp_path: Path, name: str, kind: str) -> None:
    kept = (saved / name).rename(tmp_path / name)
    if kind == "pipe":
        os.mkfifo(saved / name)
    else:
        (saved / name).symlink_to("/dev/zero" if kind == "device" else kept)
    assert f"{name} is a link, a device or a pipe" in refused(saved)


def test_no_file_is_read_beyond_its_limit(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bundle_files.LARGEST, "booster.txt", 100)
    assert "booster.txt is too large. At most 100 bytes" in refused(saved)


def test_peers_come_back_the_same(saved: Path) -> None:
    peers = Bundle.load(saved).peers
    assert peers == bundle().peers
    assert any(usual.parts for usual in peers.usual.values())
    assert peers.usual["orders_90"].or_more is not None
    assert json.loads((saved / "bundle.json").read_text())["format"] == 3


def test_a_bundle_without_peers_keeps_the_older_form(tmp_path: Path) -> None:
    plain = replace(bundle(), peers=Peers())
    folder = plain.save(tmp_path / "plain")
    document = json.loads((folder / "bundle.json").read_text())
    assert document["format"] == 1
    assert "peers" not in document
    assert Bundle.load(folder) == plain
    assert plain.digest != bundle().digest


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rate": 1.5}, "A rate of the bundle is not between 0 and 1"),
        ({"rate": "half"}, "does not describe a model"),
        (
            {"usual": {"somebody": {"or_more": 1, "or_less": 1, "parts": [], "whole": True}}},
            "which it lacks",
        ),
        ({"usual": {"industry": []}}, "does not describe a model"),
    ],
)
def test_peers_that_make_no_sense_are_refused(saved: Path, change: dict[str, Any], words: str) -> None:
    rewrite(saved, lambda document: document["peers"].update(change))
    assert words in refused(saved)


def test_a_rate_of_a_level_that_is_not_kept_is_refused(saved: Path) -> None:
    part = {"rate": 0.5, "rows": 1, "level": "Mr Smith", "low": None, "high": None}
    usual = {"industry": {"or_more": None, "or_less": None, "parts": [part], "whole": False}}
    rewrite(saved, lambda document: document["peers"].update(usual=usual))
    assert "which 20 accounts or more share" in refused(saved)
