"""Training says which features are called like something that the spec protects."""

from __future__ import annotations

import pyarrow as pa

from salesml.config import Label, Spec
from salesml.lifecycle.protected_names import doubtful_protection
from salesml.snapshots import Feature, Snapshot


def said(*features: Feature, **keys: tuple[str, ...]) -> list[str]:
    spec = Spec(name="m", task="churn", label=Label(kind="contract"), horizon_days=90, **keys)  # type: ignore[arg-type]
    return doubtful_protection(spec, Snapshot(pa.table({}), features, sql=""))


def test_a_column_called_nearly_like_a_protected_one_is_named() -> None:
    features = (Feature(name="account_gender", column="gender"), Feature(name="spend", column="spend"))
    (line,) = said(*features, protected=("gendr", "religion"))
    assert line.startswith("The spec protects gendr, and gender is learned from")
    assert said(*features, protected=("religion",)) == []


def test_a_feature_whose_words_say_a_protected_name_is_named() -> None:
    firm = Feature(name="account_founded", column="founded", words="Age of the company in years")
    paid = Feature(name="account_paid", column="paid", words="average wage")
    used = Feature(name="account_age", column="age", words="age")
    for line in (*said(firm, paid, protected=("age",)), *said(firm, paid, used, used=("age",))):
        assert "the words of account_founded say age" in line
    assert len(said(firm, paid, used, used=("age",))) == 1
    assert said(paid, used, used=("age",)) == []
    (line,) = said(Feature(name="x", words="people of one Marital-Status"), protected=("marital_status",))
    assert "say marital_status" in line
