"""A real PostgreSQL server, started on loopback as a user of its own."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.errors import OutsideError
from tests.conftest import need
from tests.crm.conftest import Make

PASSWORD = "sesame-4711"


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _user() -> list[str]:
    """What to put before a command: the server refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Server:
    """A PostgreSQL server with one database, in a folder of its own."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, _free_port()
        password = folder / "password"
        password.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            shutil.chown(password, "postgres")
        self._run(
            "initdb", "-D", f"{folder}/db", "-U", "shop", "-A", "scram-sha-256", f"--pwfile={password}", "-N"
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://shop:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1 -c fsync=off"
        self._run(
            "pg_ctl", "-D", f"{self.folder}/db", "-o", options, "-l", f"{self.folder}/log", "-w", "start"
        )

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/db", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_user(), str(self.programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, timeout=60)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    programs = _programs()
    need(programs, "PostgreSQL is not installed (make services)")
    need(
        os.geteuid() or (shutil.which("runuser") and _is_user("postgres")),
        "there is no user postgres to run as",
    )
    assert programs is not None
    with tempfile.TemporaryDirectory(prefix="salesml-pg-", dir="/tmp") as folder:
        server = Server(programs, Path(folder))
        server.start()
        try:
            _fill(server.url)
            yield server
        finally:
            server.stop()


def _fill(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as con:
        con.execute(
            sa.text(
                'CREATE TABLE orders (who bigint, "At" timestamptz, loaded date, amount numeric(12, 2), '
                "ratio double precision, paid boolean, note text, key uuid, extra jsonb)"
            )
        )
        con.execute(
            sa.text(
                "INSERT INTO orders SELECT n % 100, "
                "timestamptz '2024-01-01 23:30:00+00' + n * interval '1 minute' * 10, "
                "NULL, n + 0.25, n / 3.0, n % 2 = 0, 'ü' || n, gen_random_uuid(), '{\"a\": 1}' "
                "FROM generate_series(1, 60000) AS n"
            )
        )
        con.execute(sa.text("CREATE SCHEMA sales"))
        con.execute(sa.text("CREATE VIEW sales.few AS SELECT * FROM orders LIMIT 3"))
    engine.dispose()


def contract(url: str, table: str = "orders", zone: str = "Europe/London") -> str:
    return f"""
    timezone: {zone}
    events:
      orders:
        source: {{url: "{url}", table: {table}}}
        account: who
        at: At
        known_at: loaded
        id: key
        measures: {{amount: amount, doubled: amount * 2}}
        categories: [note, paid]
        where: ratio > 0
    """


def test_a_table_of_a_server(server: Server, make: Make) -> None:
    crm = make(contract(server.url))
    with crm.connect() as con:
        row = con.execute(
            "SELECT count(*), count(DISTINCT account), sum(m_amount), min(day), count(DISTINCT event_id) "
            "FROM events_orders"
        ).fetchone()
        first = con.execute(
            'SELECT account, day, "at", c_paid FROM events_orders ORDER BY "at" LIMIT 1'
        ).fetchone()
    assert row is not None
    assert (row[0], row[1], row[3], row[4]) == (60000, 100, dt.date(2024, 1, 1), 60000)
    assert str(row[2]) == "1800045000.000000"
    assert first == ("1", dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 23, 40), "false")


def test_days_are_those_of_the_contract_zone(server: Server, make: Make) -> None:
    crm = make(contract(server.url, zone="Asia/Tokyo"))
    assert crm.observed("orders").start == dt.date(2024, 1, 2)


def test_a_view_in_a_schema(server: Server, make: Make) -> None:
    with make(contract(server.url, "sales.few")).connect() as con:
        assert con.execute("SELECT count(*) FROM events_orders").fetchone() == (3,)


def test_a_query_is_taken_as_it_stands(server: Server, make: Make) -> None:
    query = "SELECT *, ' :x %s' AS odd, loaded::text AS late FROM orders WHERE note LIKE 'ü1%'"
    text = contract(server.url).replace("table: orders", f'query: "{query}"')
    with make(text).connect() as con:
        assert con.execute("SELECT count(*) FROM events_orders").fetchone() == (11_111,)


def test_a_missing_table_names_the_nearest(server: Server, make: Make) -> None:
    (fault,) = make(contract(server.url, "ordrs")).check().faults
    assert "no table 'ordrs'. Did you mean 'orders'?" in str(fault)
    assert PASSWORD not in str(fault)


def test_a_wrong_password_is_not_repeated(server: Server, make: Make) -> None:
    url = server.url.replace(PASSWORD, "wrong-one")
    with pytest.raises(OutsideError) as caught:
        make(contract(url)).check()
    assert "password authentication failed" in str(caught.value)
    assert "wrong-one" not in str(caught.value)


def test_a_refused_query(server: Server, make: Make) -> None:
    text = contract(server.url).replace("table: orders", 'query: "SELECT nothing FROM orders"')
    (fault,) = make(text).check().faults
    assert fault.code == "missing-table"
    assert 'column "nothing" does not exist' in fault.found


def test_a_server_that_stops_is_outside(server: Server, make: Make) -> None:
    server.stop()
    try:
        with pytest.raises(OutsideError) as caught:
            make(contract(server.url)).check()
    finally:
        server.start()
    assert caught.value.code == "database-away"
    assert PASSWORD not in str(caught.value)
