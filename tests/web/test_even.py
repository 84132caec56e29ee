"""A process of the server looks for garbage seldom, and gives threads short turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from salesml.store.engine import Store
from salesml.store.migrate import migrate
from salesml.web.server import COLLECTED, GIVEN, TURN
from salesml.web.settings import Settings

CODE = """
import gc, json, sys
from salesml.web.server import app
app()
print(json.dumps([gc.get_threshold(), gc.get_freeze_count(), sys.getswitchinterval()]))
"""


def test_what_was_loaded_at_the_start_is_not_looked_through(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'store.db'}"
    with Store(address) as store:
        migrate(store)
    given = {GIVEN: json.dumps({"store": address, "settings": asdict(Settings(secure=False))})}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=os.environ | given, capture_output=True, text=True, check=True
    )
    threshold, frozen, turn = json.loads(done.stdout)
    assert tuple(threshold) == COLLECTED
    assert frozen > 10_000
    assert abs(turn - TURN) < 1e-6
