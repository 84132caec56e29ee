"""Bringing a store's tables to the form that this version of salesml reads and writes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from salesml.errors import DataError, Fault, UsageError
from salesml.store.address import SCHEMAS
from salesml.store.engine import Store
from salesml.store.failures import away, passing

SCRIPTS = Path(__file__).parent / "migrations"
PARTS = ("published", "feedback")
_SETTING_UP = 0x5A1E5  # the number by which those who set up a PostgreSQL store at once take turns


@dataclass(frozen=True)
class Form:
    """The form of one part of a store: its revision, and the one that is wanted."""

    part: str
    revision: str | None
    wanted: str

    @property
    def is_new(self) -> bool:
        return self.revision is None


def migrate(store: Store) -> list[Form]:
    """Make or bring up to date the tables of a store; what each part was before.

    Each part changes in one transaction: wholly or not at all.

    Raises
    ------
    DataError
        ``store-newer`` when a newer salesml has changed it.
    OutsideError
        ``store-away`` when it cannot be reached.
    """
    before = forms(store)
    _refuse_newer(store, before)
    for form, engine, schema in zip(before, (store.published, store.feedback), SCHEMAS, strict=True):
        _write_ahead(store, engine)  # also of a file that was restored: a copy made by VACUUM is without it
        if form.revision != form.wanted:
            store.write(partial(_upgrade, part=form.part, schema=schema), engine)
    return before


def ready(store: Store) -> None:
    """Make the tables of a new store; refuse one of another form.

    Raises
    ------
    DataError
        ``store-older`` or ``store-newer``.
    """
    if not usable(store):
        migrate(store)


def usable(store: Store) -> bool:
    """Refuse a store of another form; whether it has its tables already, which asking does not make.

    Raises
    ------
    DataError
        ``store-older`` or ``store-newer``.
    OutsideError
        ``store-away``.
    """
    found = forms(store)
    _refuse_newer(store, found)
    if any(form.is_new for form in found):
        return False  # whoever sets it up at the same time may be between its parts
    _refuse_older(store, found)
    return True


def existing(store: Store) -> None:
    """Refuse a store that is not there, or of another form.

    Raises
    ------
    DataError
        ``no-store``, ``store-older`` or ``store-newer``.
    """
    found = forms(store)
    if found[0].is_new:
        raise DataError(
            Fault(
                code="no-store",
                found=f"There is no store at {store.address}",
                do="Publish scores with `salesml publish`, or make its tables with `salesml migrate`",
            )
        )
    _refuse_newer(store, found)
    _refuse_older(store, found)


def forms(store: Store) -> list[Form]:
    """The form of each part; asking makes nothing.

    Raises
    ------
    UsageError
        ``missing-folder`` when a SQLite file has nowhere to be.
    """
    _refuse_missing_folder(store)
    found = []
    for part, engine in zip(PARTS, (store.published, store.feedback), strict=True):
        missing = store.address.is_file and not Path(str(engine.url.database)).is_file()
        revision = None if missing else store.read(_revision, engine)
        found.append(Form(part, revision, _scripts(part).get_current_head() or ""))
    return found


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: sa.Connection, part: str, schema: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SETTING_UP)))
        connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    if _revision(connection) == _scripts(part).get_current_head():
        return
    config = _config(part)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _write_ahead(store: Store, engine: sa.Engine) -> None:
    """SQLite's mode in which readers and a writer do not wait for one another; the file remembers it."""
    if not store.address.is_file:
        return
    until = time.monotonic() + sum(store.pauses)
    while True:
        try:
            with engine.connect() as connection:
                mode = connection.connection.cursor().execute("PRAGMA journal_mode = WAL").fetchone()
        except Exception as error:
            if not passing(error):
                raise away(store.address, error) from error
            mode = None
        if mode == ("wal",) or time.monotonic() > until:
            return
        time.sleep(0.05)


def _config(part: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(SCRIPTS / part).replace("%", "%%"))
    return config


def _scripts(part: str) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(part))


def _refuse_missing_folder(store: Store) -> None:
    for path in store.address.files[:1]:
        if not path.parent.is_dir():
            raise UsageError(
                Fault(
                    code="missing-folder",
                    found=f"The folder {path.parent} does not exist",
                    do="Make it first",
                )
            )


def _refuse_newer(store: Store, found: list[Form]) -> None:
    unknown = [form for form in found if form.revision and form.revision not in _known(form.part)]
    if unknown:
        raise DataError(
            Fault(
                code="store-newer",
                found=f"The store at {store.address} has the form {unknown[0].revision}, which this salesml "
                "does not know",
                allowed=f"It knows forms up to {unknown[0].wanted}",
                do="Use the newer salesml that changed it; nothing was touched",
            )
        )


def _refuse_older(store: Store, found: list[Form]) -> None:
    older = [form for form in found if form.revision != form.wanted]
    if older:
        raise DataError(
            Fault(
                code="store-older",
                found=f"The store at {store.address} has {_told(older[0])}",
                allowed=f"This salesml needs the form {older[0].wanted}",
                do="Run `salesml migrate --store` with its address first",
            )
        )


def _told(form: Form) -> str:
    return f"the form {form.revision}" if form.revision else f"no tables of the part {form.part}"


def _known(part: str) -> set[str]:
    return {script.revision for script in _scripts(part).walk_revisions()}
