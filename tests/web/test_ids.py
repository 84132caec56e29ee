"""An account can be opened whatever its id is."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.store.engine import Store
from salesml.store.publish import publish
from salesml.web.show import segment
from tests.store.made import row, write_rows
from tests.web.conftest import Signed, names
from tests.web.made import LATER

ODD = ("two\nlines", "ends\n", "ends", "a/b", "a?b#c", " ")


@pytest.mark.parametrize("at", ["/accounts/", "/prospects/"])
def test_each_is_itself(store: Store, signed_in: Signed, tmp_path: Path, at: str) -> None:
    model = "churn" if at == "/accounts/" else "conversion"
    rows = [row(place, day=LATER, model=model) | {"entity_id": each} for place, each in enumerate(ODD)]
    path = write_rows(tmp_path / "odd.parquet", [each | {"rep_id": "R1"} for each in rows])
    publish(store, path, entities=names(list(ODD)))
    client = signed_in("rep1")
    for each in ODD:
        answer = client.get(at + segment(each))
        assert (each, answer.status_code) == (each, 200)
        assert f"<h1><bdi>Company {each}</bdi></h1>" in answer.text
