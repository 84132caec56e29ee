"""Compiled loops are kept where writing works, and are compiled anew where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numba
import pytest

from salesml.explain import compiling


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    compiling._folder.cache_clear()
    yield
    compiling._folder.cache_clear()


def twice(number: int) -> int:
    return 2 * number


def test_they_are_kept_in_the_first_folder_that_can_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "below"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert compiling.compiled(twice)(4) == 8
    (folder,) = (tmp_path / "cache" / "salesml").iterdir()
    assert folder.stat().st_mode & 0o077 == 0, "nobody else may write there"
    assert list(folder.rglob("*twice*.nbc"))
    assert str(folder) != numba.config.CACHE_DIR, "others keep theirs where they did"


def test_nowhere_to_write_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_bases", list)
    assert compiling.compiled(twice)(4) == 8


def test_other_sources_have_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiling._digest()
    assert before == compiling._digest()
    monkeypatch.setattr(compiling, "SOURCES", ("tile",))
    assert compiling._digest() != before
