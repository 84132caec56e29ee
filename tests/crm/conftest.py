"""What the tests of this folder share: a project folder to write tables and crm.yaml into."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from salesml.crm import CRM

Make = Callable[..., CRM]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write crm.yaml and files (``name_ending`` for ``name.ending``), and open the CRM."""

    def write(contract: str, **files: str) -> CRM:
        for name, content in files.items():
            stem, _, ending = name.rpartition("_")
            (tmp_path / f"{stem}.{ending}").write_text(textwrap.dedent(content).lstrip(), encoding="utf-8")
        path = tmp_path / "crm.yaml"
        path.write_text(textwrap.dedent(contract), encoding="utf-8")
        return CRM.open(path)

    return write
