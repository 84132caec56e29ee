"""Promotion where rows are prospects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from salesml.config import read_spec, read_tracking
from salesml.crm import CRM
from salesml.lifecycle import train
from salesml.lifecycle.promotion import promote, revert
from salesml.tracking import log_run
from tests.lifecycle.promotion.conftest import told, write_run
from tests.prospects import make_team


def test_a_model_of_prospects_is_promoted_and_taken_back(tmp_path: Path) -> None:
    folder = make_team(tmp_path / "team")
    crm, tracking = CRM.open(folder / "crm.yaml"), read_tracking(folder / "mlflow.yaml")
    own = read_spec(folder / "models" / "conversion.yaml")
    spec = replace(own, learner={**own.learner, "max_trees": 60}, gates={"fewest_outcomes": 20})
    bundle = train("conversion", crm, spec=spec, log=False).bundle
    for version, each in enumerate((told(bundle, slope=0.2, shift=1.0), bundle), start=1):
        run = tmp_path / f"run {version}"
        write_run(run, each, "salesml-conversion", name="conversion")
        log_run(run, tracking)
    done = promote("conversion", 2, crm, spec=spec)
    assert done.outcome == "promoted", done.text()
    assert "prospects with the outcome" in done.text()
    assert " prospects as of " in done.text()
    assert revert("conversion", tracking=tracking).version == 1
