"""The table of similar accounts."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from salesml.errors import DataError
from salesml.explain.similar import Crowd
from salesml.scoring.similar import SCHEMA, SimilarAccounts, similar_accounts
from salesml.scoring.write import write
from salesml.words.english import NOTHING_SHARED

from .made import FEATURES, bundle, rows


def ideal(size: int = 60) -> pd.DataFrame:
    frame = rows(size, seed=3).drop(columns=["label", "rep_id", "value"])
    return frame.assign(account_id=[f"A{number:03d}" for number in range(size)])


def told(table: pa.Table) -> list[dict[str, object]]:
    return [one for row in table["shared"].to_pylist() for one in row]


def test_each_prospect_gets_its_nearest_accounts_nearest_first() -> None:
    prospects = rows(50, seed=4)
    found = SimilarAccounts(bundle(), ideal()).table(prospects)
    assert found.schema.equals(SCHEMA)
    frame = found.to_pandas()
    assert frame["entity_id"].unique().tolist() == prospects["entity_id"].tolist()
    assert set(frame["as_of"]) == {dt.date(2026, 1, 31)}
    for _, part in frame.groupby("entity_id"):
        assert part["place"].tolist() == list(range(1, len(part) + 1))
        assert len(part) <= 20
        assert part["account_id"].is_unique
        assert part["similarity"].is_monotonic_decreasing
        assert part["similarity"].between(0, 1).all()
        assert (part["similarity"] > 0).all()


def test_they_are_those_that_the_trees_find() -> None:
    prospects, accounts = rows(30, seed=4), ideal()
    coding = bundle().coding
    names = list(bundle().columns)
    near = Crowd(bundle().booster, coding.encode(accounts[names])).nearest(coding.encode(prospects[names]))
    frame = SimilarAccounts(bundle(), accounts).table(prospects).to_pandas()
    expected = [f"A{account:03d}" for row in near.index for account in row if account >= 0]
    assert frame["account_id"].tolist() == expected
    np.testing.assert_array_equal(frame["similarity"], near.similarity[near.index >= 0])


def test_a_prospect_like_an_account_in_everything_has_similarity_one() -> None:
    accounts = ideal()
    twin = accounts.iloc[[7]].assign(entity_id="p1")
    first = SimilarAccounts(bundle(), accounts).table(twin).slice(0, 1).to_pylist()[0]
    assert (first["account_id"], first["similarity"], first["place"]) == ("A007", 1.0, 1)


def test_every_sentence_is_true_of_both() -> None:
    """Each sentence is checked against the values of the prospect and of the account."""
    prospects, accounts = rows(80, seed=4), ideal(200)
    found = SimilarAccounts(bundle(), accounts).table(prospects).to_pylist()
    left = prospects.set_index("entity_id").to_dict("index")
    right = accounts.set_index("account_id").to_dict("index")
    checked = set()
    for row in found:
        for one in row["shared"]:
            words = str(one["words"])
            pair = left[row["entity_id"]], right[row["account_id"]]
            if words.startswith("Industry: both "):
                assert {side["industry"] for side in pair} == {words.removeprefix("Industry: both ")}
            elif words == "Industry: not known of either":
                assert all(pd.isna(side["industry"]) for side in pair)
            elif words.startswith("Revenue in the last 90 days: both £"):
                low, high = (
                    float(part.replace("£", "").replace(",", ""))
                    for part in words.removeprefix("Revenue in the last 90 days: both ").split(" to ")
                )
                assert all(low <= side["revenue_90"] <= high for side in pair)
            elif words.startswith("Days since the last order: both ") and words.endswith(" days"):
                ends = words.removeprefix("Days since the last order: both ").removesuffix(" days")
                low, high = map(float, ends.split(" to "))
                assert all(low <= side["recency"] <= high for side in pair)
            elif words == "Days since the last order: not known of either":
                assert all(np.isnan(side["recency"]) for side in pair)
            else:
                continue
            checked.add(words.split(":")[0] + words[-6:])
    assert len(checked) > 8


def test_what_is_shared_names_the_features_of_its_group() -> None:
    found = told(SimilarAccounts(bundle(), ideal()).table(rows(80, seed=4)))
    groups = {tuple(one["features"]) for one in found}  # type: ignore[arg-type]
    assert groups <= {
        ("recency",), ("orders_30", "orders_90"), ("revenue_90",), ("industry",), (),
    }  # fmt: skip
    assert {one["words"] for one in found if not one["features"]} == {NOTHING_SHARED}
    lists = SimilarAccounts(bundle(), ideal()).table(rows(80, seed=4))["shared"].to_pylist()
    assert {len(each) for each in lists} <= {1, 2, 3}


@pytest.mark.parametrize("name", ["industry", "recency", "orders", "orders_90"])
def test_what_is_withheld_is_neither_told_nor_named(name: str) -> None:
    plain = SimilarAccounts(bundle(), ideal()).table(rows(80, seed=4))
    found = SimilarAccounts(bundle(), ideal(), withheld=[name]).table(rows(80, seed=4))
    hidden = [feature for feature in FEATURES if name in (feature.name, feature.group)]
    for one in told(found):
        assert not {feature.name for feature in hidden} & set(one["features"])  # type: ignore[call-overload]
        assert not any(feature.words.lower() in str(one["words"]).lower() for feature in hidden)
    assert found.drop_columns(["shared"]).equals(plain.drop_columns(["shared"]))


def test_blocks_threads_and_kinds_of_tables_change_nothing() -> None:
    prospects = rows(70, seed=4)
    whole = SimilarAccounts(bundle(), ideal(), threads=1).table(prospects)
    accounts = SimilarAccounts(bundle(), pa.Table.from_pandas(ideal()), threads=2)
    arrow = pa.Table.from_pandas(prospects)
    for given in (arrow, arrow.to_batches(max_chunksize=9), [prospects.iloc[:30], arrow.slice(30)]):
        batches = list(accounts.blocks(given, rows=8))
        assert len(batches) >= 9
        assert pa.Table.from_batches(batches, schema=SCHEMA).equals(whole)
    streamed = similar_accounts(bundle(), ideal(), iter(arrow.to_batches(max_chunksize=20)))
    assert pa.Table.from_batches(streamed, schema=SCHEMA).equals(whole)


def test_the_order_of_accounts_changes_nothing() -> None:
    accounts = pd.concat([ideal(40), ideal(40).assign(account_id=[f"B{n:03d}" for n in range(40)])])
    one = SimilarAccounts(bundle(), accounts).table(rows(30, seed=4))
    other = SimilarAccounts(bundle(), accounts.sample(frac=1, random_state=1)).table(rows(30, seed=4))
    assert one.equals(other)
    first = one.to_pandas().drop_duplicates(["entity_id", "similarity"])
    assert first["account_id"].str.startswith("A").all()


def test_without_ideal_accounts_there_are_no_rows() -> None:
    found = SimilarAccounts(bundle(), ideal().iloc[:0]).table(rows(5, seed=4))
    assert found.schema.equals(SCHEMA)
    assert len(found) == 0
    assert len(SimilarAccounts(bundle(), ideal()).table(rows(5, seed=4).iloc[:0])) == 0


def test_rows_that_cannot_be_compared_are_left_out_and_named() -> None:
    accounts = ideal()
    accounts["revenue_90"] = accounts["revenue_90"].astype(object)
    accounts.loc[3, "revenue_90"] = "much"
    similar = SimilarAccounts(bundle(), accounts)
    assert similar.left_out == {"A003": "revenue_90 is not a number"}
    prospects = rows(6, seed=4)
    prospects.loc[2, "revenue_90"] = np.inf
    frame = similar.table(pd.concat([prospects, prospects.iloc[:1]])).to_pandas()
    assert "A003" not in set(frame["account_id"])
    assert sorted(frame["entity_id"].unique()) == ["c00000", "c00001", "c00003", "c00004", "c00005"]
    assert not frame.duplicated(["entity_id", "as_of", "place"]).any()


def test_an_account_in_several_rows_is_refused() -> None:
    accounts = ideal()
    accounts.loc[5, "account_id"] = "A001"
    with pytest.raises(DataError) as caught:
        SimilarAccounts(bundle(), accounts)
    assert "1 ideal accounts stand in several rows" in str(caught.value)
    assert "Keep the row of one date" in str(caught.value)
    assert caught.value.faults[0].examples == ("A001",)


def test_missing_columns_are_named_for_accounts_and_prospects() -> None:
    with pytest.raises(DataError, match="industry"):
        SimilarAccounts(bundle(), ideal().drop(columns="industry"))
    similar = SimilarAccounts(bundle(), ideal())
    with pytest.raises(DataError, match="recency"):
        list(similar.blocks([rows(3, seed=4), rows(3, seed=5).drop(columns="recency")]))


def test_a_level_that_few_share_is_not_named() -> None:
    accounts, prospects = ideal(), rows(40, seed=4)
    accounts["industry"] = "lighthouses"
    prospects["industry"] = "lighthouses"
    found = told(SimilarAccounts(bundle(), accounts).table(prospects))
    words = {str(one["words"]) for one in found}
    assert "Industry: both a rare or new value" in words
    assert not any("lighthouses" in each for each in words)


def test_no_account_is_in_the_bundle_and_the_table_can_be_written(tmp_path: object) -> None:
    from pathlib import Path

    import pyarrow.parquet as pq

    before = bundle().digest
    similar = SimilarAccounts(bundle(), ideal())
    path = Path(str(tmp_path)) / "similar.parquet"
    assert write(similar.blocks(rows(9, seed=4)), SCHEMA, path) == pq.read_table(path).num_rows
    assert bundle().digest == before
    assert "A001" not in bundle().booster
