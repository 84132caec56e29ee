from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from salesml.crm import validate
from salesml.crm.contract import hide_passwords, parse_contract, read_contract
from salesml.errors import UsageError

LOG = "events: {orders: {source: o.csv, account: a, at: t}}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "crm.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(UsageError) as caught:
        read_contract(write(folder, text))
    return [f"{fault.code}: {fault}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prospect: {source: x}\n" + LOG, "unknown key 'prospect'. Did you mean 'prospects'?"),
        (LOG.replace("account: a", "acount: a"), "unknown key 'acount'. Did you mean 'account'?"),
        (LOG.replace("account: a, ", ""), "events.orders.account is missing"),
        (LOG.replace("at: t", "at: 3"), "events.orders.at is 3. It must be text."),
        ("timezone: Mars/Olympus\n" + LOG, "It must be an IANA name such as Europe/London."),
        ("timezone: ../../etc/passwd\n" + LOG, "bad-timezone"),
        ("timezone: Europe\n" + LOG, "bad-timezone"),
        ("timezone: localtime\n" + LOG, "bad-timezone"),
        ("timezone: ''\n" + LOG, "bad-timezone"),
        ("freshness: {orders: 2h}\n" + LOG, "It must be whole days: 2d."),
        ("freshness: {visits: 2d}\n" + LOG, "names 'visits', which the contract does not have"),
        ("tags: {x: blue}\n" + LOG, "one of actionable, fixed, symptom"),
        ("version: 2\n" + LOG, "newer-format"),
        ("exclude: [size]\n" + LOG, "Write table.column."),
        ("exclude: [order.size]\n" + LOG, "exclude names 'order'"),
        (LOG.replace("at: t", "at: t, categories: [x, X]"), "names 'X' twice"),
        (LOG.replace("at: t", "at: t, measures: {m: 1, M: 2}"), "names 'M' twice"),
        (LOG.replace("at: t", "at: t, measures: {m: [1]}"), "It must be SQL over the row."),
        ("closed: [soon]\n" + LOG, "closed is ['soon']. It must be a list of dates"),
        ("", "There must be events, accounts or prospects."),
        (LOG.replace("at: t", "at: t, null_values: {t: No}"), "Put each text in quotes: ['No']."),
        (LOG.replace("at: t", "at: t, date_format: '%d/%m'"), "It must name day, month and year"),
        (LOG.replace("orders:", "Orders 1:"), "Small letters, digits and underscores"),
        (LOG.replace("o.csv", "{url: 'sqlite:///x'}"), "one of them must be given, not both"),
        (
            LOG.replace("o.csv", "{url: 'sqlite:///x', table: a, query: b}"),
            "one of them must be given, not both",
        ),
        ("accounts: {source: a.csv}\n", "accounts lacks the key 'id'"),
        ("- a\n", "not-a-mapping"),
        ("}{", "bad-yaml"),
        (LOG + LOG, "stands twice"),
    ],
)
def test_faults(tmp_path: Path, text: str, words: str) -> None:
    assert any(words in found for found in faults(tmp_path, text)), faults(tmp_path, text)


def test_all_faults_are_found_together(tmp_path: Path) -> None:
    text = "currancy: EUR\ntimezone: Nowhere\nevents: {x: {source: o.csv}}\naccounts: {id: a}\n"
    assert len(faults(tmp_path, text)) == 5


def test_what_is_right_is_still_checked(tmp_path: Path) -> None:
    path = write(tmp_path, "currancy: EUR\n" + LOG)
    contract, found = parse_contract(path)
    assert [fault.code for fault in found] == ["unknown-key"]
    assert list(contract.events) == ["orders"]
    assert {fault.code for fault in validate(path).faults} == {"unknown-key", "missing-file"}


def test_a_missing_file_is_a_report(tmp_path: Path) -> None:
    report = validate(tmp_path / "none.yaml")
    assert report.fatal
    assert "salesml init DIR" in report.text()


def test_extras(tmp_path: Path) -> None:
    contract = read_contract(
        write(tmp_path, LOG.replace("at: t", "at: t, null_values: {t: ['No']}") + "closed: [2024-01-02]\n")
    )
    assert contract.events["orders"].null_values == {"t": ("No",)}
    assert contract.closed == frozenset({dt.date(2024, 1, 2)})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@host/db", "postgresql+psycopg://me:hunter2/@x@host:5/db", "mysql://:hunter2@host",
        "postgresql://host/db?user=me&password=hunter2",
        "postgresql://host/db?user=me&sslpassword=hunter2",
        "trino://host/db?access_token=hunter2&x=1",
        "trino://host/db?Client-Secret=hunter2",
    ],
)  # fmt: skip
def test_passwords_are_hidden(tmp_path: Path, url: str) -> None:
    assert "hunter2" not in hide_passwords(url)
    text = f"accounts:\n  source:\n    url: {url}\n    table: t\n  id: id\n"
    contract = read_contract(write(tmp_path, text))
    assert "hunter2" not in repr(contract) + contract.text
    assert "table: t" in contract.text
    assert contract.tables["accounts"].source.url == url
