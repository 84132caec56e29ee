"""What a rep reads of a prospect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesml.scoring.companions import Companions
from salesml.snapshots.feature import Feature
from salesml.words import in_words, sentence


@pytest.mark.parametrize(
    ("what", "value", "form", "unit", "text"),
    [
        ("days since it was created", 34.0, "days", "days", "Created 34 days ago"),
        ("days since it was created", 1.0, "days", "days", "Created 1 day ago"),
        ("calls in the last 30 days", 3.0, "count", "call", "3 calls in the last 30 days"),
        ("calls in the last 30 days", 1.0, "count", "call", "1 call in the last 30 days"),
        ("calls in the last 30 days", 0.0, "count", "call", "No call in the last 30 days"),
        ("days since the last activity", 9.0, "days", "days", "No activity for 9 days"),
        ("stages passed so far", 2.0, "count", "stage", "Stages passed so far: 2"),
        ("days in the present stage", 12.0, "days", "days", "In the present stage for 12 days"),
        ("days in the present stage", None, "days", "days", "In no stage so far"),
        ("hours of visits in the last 7 days", 1.5, "number", "", "Hours of visits in the last 7 days: 1.5"),
        ("stage", "offer", "category", "", "Stage: offer"),
    ],
)  # fmt: skip
def test_sentences(what: str, value: float | str | None, form: str, unit: str, text: str) -> None:
    assert sentence(what, value, form, unit) == text


@pytest.mark.parametrize(
    ("stage", "text"),
    [("offer", "In stage 'offer' for 12 days"), ("{x}\n y", "In stage '{x} y' for 12 days")],
)
def test_the_stage_stands_beside_its_days(stage: str, text: str) -> None:
    assert in_words("days in the present stage", 12.0, "days", "days", near={"stage": stage})[0] == text


def test_the_stage_is_found_among_the_features() -> None:
    stage = Feature(name="stage", kind="category", source="stages", column="stage", form="category")
    stage = replace(stage, words="stage")
    features = [
        replace(stage, name="prospect_stage", source="prospects"),
        stage,
        Feature(name="days", source="stages", column="stage", words="days in the present stage", form="days"),
    ]
    rows = pd.DataFrame(
        {"prospect_stage": ["x", "y"], "stage": ["new", None], "stage_days": [3.0, float("nan")]}
    )
    companions = Companions(features, rows)
    assert companions.beside == [{}, {}, {"stage": 1}]
    news, nothing = companions.readings([0, 1, 2], np.arange(2))
    assert not news.any()
    assert not nothing.any()
