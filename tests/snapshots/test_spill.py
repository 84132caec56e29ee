"""What does not fit into memory goes into a private folder, and away again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.snapshots.company import crm_of, order


def test_spilled_rows_are_private_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0)]})
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    with crm.connect(threads=1, memory="64MB") as con, crm.connect() as other:
        setting = "SELECT current_setting('temp_directory')"
        (spill,), (others,) = con.execute(setting).fetchall()[0], other.execute(setting).fetchall()[0]
        con.execute("CREATE TABLE much AS SELECT range AS i, hash(range) AS h FROM range(8000000)")
        assert list(Path(spill).iterdir()), "nothing was spilled"
        assert Path(spill).parent.stat().st_mode & 0o077 == 0
        assert spill != others
    assert not Path(spill).exists()
    assert not list(work.iterdir())
