"""What MLflow calls gives plain values."""

from __future__ import annotations

import json
from pathlib import Path

from salesml.scoring.pyfunc import _load_pyfunc
from tests.scoring.made import bundle, rows


def test_answers_can_be_sent_as_json(tmp_path: Path) -> None:
    served = _load_pyfunc(str(bundle().save(tmp_path / "bundle")))
    answer = served.predict(rows(3, 1).drop(columns=["value"]), {"top": 2})
    records = json.loads(json.dumps(answer.to_dict(orient="records"), allow_nan=False))
    assert len(records[0]["reasons"]) == 2
    assert records[0]["as_of"] == "2026-01-31"
    assert records[0]["expected_loss"] is None
    assert 0 < records[0]["probability"] < 1
