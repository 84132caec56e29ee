"""Every fault of the rows of one table: found, counted, shown, in words that help."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from salesml.crm import CRM, Report, validate
from salesml.errors import DataError, Fault
from tests.crm.conftest import Make

LOG = "events: {orders: {source: orders.csv, account: who, at: at, measures: {money: amount}}}"
TODAY = dt.date(2024, 6, 1)


def found(report: Report, code: str) -> Fault:
    """The one fault of that code."""
    faults = [fault for fault in report.faults if fault.code == code]
    assert len(faults) == 1, report.text()
    return faults[0]


def check(make: Make, rows: str, contract: str = LOG) -> Report:
    return make(contract, orders_csv="who,at,amount\n" + rows).check(TODAY)


def test_a_clean_table(make: Make) -> None:
    report = check(make, "1,2024-01-01,5\n2,2024-01-02T10:00:00,\n")
    assert report.faults == ()
    assert report.rows == (("events.orders", 2),)


def test_text_in_a_measure(make: Make) -> None:
    fault = found(check(make, '1,2024-01-01,€12\n2,2024-01-01,"1,200.50"\n3,2024-01-01,5\n'), "bad-number")
    assert (fault.table, fault.column, fault.count, fault.fatal) == ("events.orders", "amount", 2, True)
    assert fault.examples == ("'1,200.50'", "'€12'")
    assert "2 of 3 rows hold text that is not a number" in str(fault)


def test_text_in_a_column_of_an_expression(make: Make) -> None:
    contract = LOG.replace("amount}", "amount * 2}")
    assert found(check(make, "1,2024-01-01,$5\n", contract), "bad-number").column == "amount"


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity"])
def test_numbers_that_are_not_finite(make: Make, value: str) -> None:
    fault = found(check(make, f"1,2024-01-01,{value}\n2,2024-01-01,1\n"), "not-finite")
    assert fault.fatal
    assert fault.count == 1


def test_numbers_too_large_for_money(make: Make) -> None:
    fault = found(check(make, "1,2024-01-01,1000000000000\n2,2024-01-01,999999999999\n"), "too-large")
    assert fault.count == 1


def test_a_word_for_none_is_recognised(make: Make) -> None:
    fault = found(check(make, "1,No,5\n2,2024-01-01,5\n"), "bad-date")
    assert "`null_values: {at: ['No']}`" in fault.do


def test_null_values_mend_it(make: Make) -> None:
    contract = LOG.replace("at: at", "at: at, null_values: {at: ['No']}")
    report = check(make, "1,No,5\n2,2024-01-01,5\n", contract)
    assert [fault.code for fault in report.faults] == ["null-date"]


def test_a_date_that_does_not_exist(make: Make) -> None:
    fault = found(check(make, "1,2024-02-30,5\n2,2024-01-01,5\n"), "bad-date")
    assert fault.examples == ("'2024-02-30'",)


def test_another_form_is_named_and_can_be_told(make: Make) -> None:
    rows = "1,31/01/2024,5\n2,01/02/2024,5\n"
    assert "`date_format: '%d/%m/%Y'`" in found(check(make, rows), "bad-date").do
    crm = make(LOG.replace("at: at", "at: at, date_format: '%d/%m/%Y'"), orders_csv="who,at,amount\n" + rows)
    assert crm.check(TODAY).faults == ()
    assert crm.observed("orders").start == dt.date(2024, 1, 31)


def test_an_ambiguous_form_is_said_to_be_so(make: Make) -> None:
    fault = found(check(make, "1,03/01/2024,5\n2,01/02/2024,5\n"), "bad-date")
    assert "the dates do not tell which" in fault.do


@pytest.mark.parametrize("other", ["31/01/2024", "31.01.2024", "20240131", "31-Jan-2024", "01/31/2024 10:00"])
def test_mixed_forms(make: Make, other: str) -> None:
    fault = found(check(make, f"1,{other},5\n2,2024-01-01,5\n"), "mixed-dates")
    assert fault.examples == (f"'{other}'",)
    assert "others look like %" in fault.do


def test_mixed_zones(make: Make) -> None:
    fault = found(
        check(make, "1,2024-01-31T10:00:00Z,5\n2,2024-01-31 10:00:00,5\n3,2024-01-01,1\n"), "mixed-zones"
    )
    assert "1 rows have a time with an offset from UTC, 2 have none" in fault.found


@pytest.mark.parametrize("offset", ["Z", "+01:00", "+0100", "-05"])
def test_offsets_alone_are_fine(make: Make, offset: str) -> None:
    assert check(make, f"1,2024-01-31T10:00:00{offset},5\n").faults == ()


def test_dates_in_the_future_and_stand_ins(make: Make) -> None:
    report = check(make, "1,2055-01-01,5\n2,1900-01-01,5\n3,2024-01-01,5\n")
    assert found(report, "future-event").examples == ("'2055-01-01'",)
    assert found(report, "ancient-date").examples == ("'1900-01-01'",)
    assert not found(report, "ancient-date").fatal


def test_rows_that_where_leaves_out_are_not_checked(make: Make) -> None:
    contract = LOG.replace("at: at", "at: at, where: at < '2030-01-01'")
    assert check(make, "1,2055-01-01,5\n3,2024-01-01,5\n", contract).faults == ()


@pytest.mark.parametrize(("where", "code"), [("amount > 1", "bad-number"), ("at < '2030-01-01'", "bad-date")])
def test_what_where_cannot_read_is_not_left_out_in_silence(make: Make, where: str, code: str) -> None:
    contract = LOG.replace("at: at", f'at: at, where: "{where}"')
    fault = found(check(make, "1,soon,many\n2,2024-01-01,5\n3,2024-01-01,0.5\n", contract), code)
    assert (fault.count, fault.fatal) == (1, True)
    assert "1 of 3 rows" in fault.found


def test_where_compares_dates_of_another_form_as_dates(make: Make) -> None:
    contract = LOG.replace("at: at", "at: at, date_format: '%d/%m/%Y', where: at >= '2024-02-01'")
    crm = make(contract, orders_csv="who,at,amount\n1,31/01/2024,5\n2,01/02/2024,5\n")
    with crm.connect() as con:
        assert con.execute("SELECT account FROM events_orders").fetchall() == [("2",)]


def test_where_that_leaves_nothing(make: Make) -> None:
    contract = LOG.replace("at: at", "at: at, where: amount > 10")
    assert (
        "`where` leaves none of its 1 rows"
        in found(check(make, "3,2024-01-01,5\n", contract), "no-rows").found
    )


def test_rows_without_owner_or_date(make: Make) -> None:
    report = check(make, ",2024-01-01,5\n2,,5\n3,2024-01-01,5\n")
    assert found(report, "null-link").count == 1
    assert found(report, "null-date").examples == ("'2'",)
    assert not report.fatal


def test_no_row_with_a_date(make: Make) -> None:
    assert "Not one of its 2 rows has a date" in found(check(make, "1,,5\n2,,5\n"), "no-rows").found


@pytest.mark.parametrize("text", ["", "who,at,amount\n"])
def test_an_empty_table(make: Make, text: str) -> None:
    assert found(make(LOG, orders_csv=text).check(TODAY), "no-rows").fatal


def test_an_attribute_that_is_nearly_all_numbers(make: Make) -> None:
    rows = "".join(f"{each},{each}\n" for each in range(1, 20)) + "20,about 5\n"
    crm = make(
        "accounts: {source: accounts.csv, id: id, attributes: [size]}", accounts_csv="id,size\n" + rows
    )
    fault = found(crm.check(TODAY), "mixed-attribute")
    assert fault.examples == ("'about 5'",)
    assert crm.relations()["accounts"].columns["a_size"] == "VARCHAR"


def test_null_and_duplicate_keys(make: Make) -> None:
    rows = "id,name\n1,a\n1,b\n2,c\n,d\n"
    report = make("accounts: {source: accounts.csv, id: id, name: name}", accounts_csv=rows).check(TODAY)
    assert found(report, "null-key").examples == ("'d'",)
    assert found(report, "duplicate-key").examples == ("'1'",)
    assert found(report, "duplicate-key").fatal


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("[1] AS at", "INTEGER[]"),
        ("{'x': 1} AS at", "STRUCT"),
        ("20240131 AS at", "date_format: '%Y%m%d'"),
        ("true AS at", "BOOLEAN"),
        ("TIME '10:00' AS at", "TIME"),
    ],
)
def test_wrong_types_in_parquet(make: Make, tmp_path: Path, column: str, words: str) -> None:
    column = column.replace(" AS at", ' AS "at"')
    duckdb.sql(f"COPY (SELECT 1 AS who, {column}, 1 AS amount) TO '{tmp_path}/orders.parquet'")
    fault = found(make(LOG.replace(".csv", ".parquet")).check(TODAY), "wrong-type")
    assert words in str(fault)


def test_numbers_that_are_dates_can_be_told(make: Make, tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS who, 20240131 AS \"at\", 1 AS amount) TO '{tmp_path}/orders.parquet'")
    crm = make(LOG.replace(".csv", ".parquet").replace("at: at", "at: at, date_format: '%Y%m%d'"))
    assert crm.check(TODAY).faults == ()
    assert crm.observed("orders").start == dt.date(2024, 1, 31)


def test_an_empty_column_of_dates_may_have_any_type(make: Make, tmp_path: Path) -> None:
    query = "SELECT 1 AS id, NULL::DOUBLE AS ended UNION ALL SELECT 2, 'nan'::DOUBLE"
    duckdb.sql(f"COPY ({query}) TO '{tmp_path}/accounts.parquet'")
    crm = make("accounts: {source: accounts.parquet, id: id, ended_at: ended}")
    assert crm.check(TODAY).faults == ()
    with crm.connect() as con:
        assert con.execute("SELECT id, ended_at FROM accounts ORDER BY id").fetchall() == [
            ("1", None),
            ("2", None),
        ]


def test_ids_keep_zeros_and_lose_fractions(make: Make, tmp_path: Path) -> None:
    query = (
        "SELECT 17.0::DOUBLE AS who, TIMESTAMP '2024-01-01' AS \"at\", 1 AS amount "
        "UNION ALL SELECT NULL, TIMESTAMP '2024-01-01', 1 "
        "UNION ALL SELECT 'nan'::DOUBLE, TIMESTAMP '2024-01-01', 1 "
        "UNION ALL SELECT 9007199254740992, TIMESTAMP '2024-01-01', 1"
    )
    duckdb.sql(f"COPY ({query}) TO '{tmp_path}/orders.parquet'")
    crm = make(LOG.replace(".csv", ".parquet"))
    with crm.connect() as con:
        ids = con.execute("SELECT account FROM events_orders ORDER BY account").fetchall()
    assert ids == [("17",), ("9007199254740992",)]


def test_all_faults_come_in_one_report(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("who,at,amount\n1,soon,x\n,2055-01-01,inf\n")
    (tmp_path / "accounts.csv").write_text("id\n1\n1\n")
    path = tmp_path / "crm.yaml"
    path.write_text(
        "currancy: GBP\naccounts: {source: accounts.csv, id: id, name: nam}\n"
        "events:\n  orders:\n    {source: orders.csv, account: who, at: at, "
        "measures: {a: amount, b: sum(amount)}}\n"
        "  gone: {source: gone.csv, account: who, at: at}\n"
    )
    report = validate(path, TODAY)
    assert {fault.code for fault in report.faults} >= {
        "unknown-key", "missing-column", "bad-date", "bad-number", "not-finite", "future-event", "null-link",
        "duplicate-key", "not-a-row-expression", "missing-file",
    }  # fmt: skip
    assert "Did you mean 'currency'?" in report.text()
    assert report.fatal


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("who,at,amount\n1,2024-01-01,2\n1,2024-01-01\n")
    (tmp_path / "accounts.csv").write_text("id\n1\n1\n")
    path = tmp_path / "crm.yaml"
    path.write_text(LOG + "\naccounts: {source: accounts.csv, id: id}\n")
    report = validate(path, TODAY)
    assert {fault.code for fault in report.faults} == {"unreadable-file", "duplicate-key"}
    assert "Line: 3" in found(report, "unreadable-file").found


def test_a_file_that_breaks_midway_is_an_error_of_ours(make: Make) -> None:
    crm = make("accounts: {source: a.csv, id: id, name: n}", a_csv="id,n\n1,x\n2\n")
    with pytest.raises(DataError, match="Line: 3"):
        crm.connect()
    assert isinstance(crm, CRM)


def test_dates_beyond_the_calendar_end_nothing(make: Make, tmp_path: Path) -> None:
    query = (
        "SELECT 1 AS who, 1 AS amount, TIMESTAMP 'infinity' AS \"at\" "
        "UNION ALL SELECT 1, 1, TIMESTAMP '290000-01-01' "
        "UNION ALL SELECT 1, 1, '0044-03-15 (BC)'::TIMESTAMP UNION ALL SELECT 1, 1, TIMESTAMP '2024-01-01'"
    )
    duckdb.sql(f"COPY ({query}) TO '{tmp_path}/orders.parquet'")
    crm = make(LOG.replace(".csv", ".parquet"))
    report = crm.check(TODAY)
    assert found(report, "future-event").count == 2
    assert found(report, "ancient-date").count == 1
    assert crm.observed("orders").end == dt.date(2024, 1, 2)
    assert crm.observed_until() == dt.date(2024, 1, 2)


def test_hours_of_zero_or_below(make: Make) -> None:
    contract = """
        prospects: {source: prospects.csv, id: id, created_at: made}
        activities: {source: activities.csv, prospect: lead, at: at, hours: hours}
        """
    report = make(
        contract,
        prospects_csv="id,made\nA,2024-01-01\n",
        activities_csv="lead,at,hours\nA,2024-01-02,1.5\nA,2024-01-03,0\nA,2024-01-04,-2\nA,2024-01-05,\n",
    ).check(TODAY)
    fault = found(report, "no-hours")
    assert (fault.table, fault.column, fault.count, fault.fatal) == ("activities", "hours", 2, False)
    assert "2 of 4 rows have hours of zero or below" in str(fault)
    assert "Correct them, or leave them empty" in str(fault)
