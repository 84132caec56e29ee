"""Tables come by migrations, agree with the models, and are left alone when a newer salesml made them."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from salesml.errors import DataError, OutsideError, SalesmlError, UsageError
from salesml.store.engine import Store
from salesml.store.migrate import PARTS, SCRIPTS, existing, forms, migrate, ready
from salesml.store.models import Base
from salesml.store.people import FeedbackBase


def code(error: pytest.ExceptionInfo[SalesmlError]) -> str:
    return error.value.code


def set_revision(store: Store, revision: str) -> None:
    update = sa.text("UPDATE alembic_version SET version_num = :revision")
    store.write(lambda connection: connection.execute(update, {"revision": revision}))


def test_models_and_migrations_agree(address: str) -> None:
    with Store(address) as store:
        migrate(store)
    with Store(address) as store:
        parts = ((store.published, Base.metadata), (store.feedback, FeedbackBase.metadata))
        for engine, metadata in parts:
            with engine.connect() as connection:
                context = MigrationContext.configure(connection, opts={"compare_server_default": True})
                assert compare_metadata(context, metadata) == []


def test_migrating_says_what_was_there_and_is_done_once(store: Store) -> None:
    assert [(form.part, form.revision) for form in migrate(store)] == [
        ("published", None),
        ("feedback", None),
    ]
    again = migrate(store)
    assert [form.revision for form in again] == [form.wanted for form in again]


def test_asking_makes_nothing(store: Store) -> None:
    assert all(form.is_new for form in forms(store))
    with pytest.raises(DataError) as caught:
        existing(store)
    assert code(caught) == "no-store"
    assert "Publish scores with `salesml publish`" in str(caught.value)
    assert all(not path.exists() for path in store.address.files)


def test_a_newer_store_is_not_touched(store: Store) -> None:
    migrate(store)
    set_revision(store, "published_9999")
    for do in (migrate, ready, existing):
        with pytest.raises(DataError) as caught:
            do(store)
        assert code(caught) == "store-newer"
        assert "the form published_9999, which this salesml does not know" in str(caught.value)
    assert forms(store)[0].revision == "published_9999"


def test_an_older_store_asks_for_migrate(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(store)
    monkeypatch.setattr(
        "salesml.store.migrate.ScriptDirectory.get_current_head", lambda _scripts: "published_0005"
    )
    for do in (ready, existing):
        with pytest.raises(DataError) as caught:
            do(store)
        assert code(caught) == "store-older"
        assert "Run `salesml migrate --store`" in str(caught.value)


def test_a_half_made_store_is_made_whole(store: Store) -> None:
    migrate(store)
    store.write(FeedbackBase.metadata.drop_all, store.feedback)
    store.write(lambda connection: connection.execute(sa.text("DROP TABLE alembic_version")), store.feedback)
    ready(store)
    assert not any(form.is_new for form in forms(store))


def test_a_store_whose_feedback_is_missing_asks_for_migrate(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        migrate(store)
    for path in tmp_path.glob("store-feedback.db*"):
        path.unlink()
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        with pytest.raises(DataError) as caught:
            existing(store)
        assert "has no tables of the part feedback" in str(caught.value)
        migrate(store)
        existing(store)


def test_every_file_of_migrations_is_in_the_package() -> None:
    forms = {"published": 6, "feedback": 4}
    for part in PARTS:
        there = sorted(each.name for each in (SCRIPTS / part).glob(f"{part}_*.py"))
        assert there == [f"{part}_{number:04d}.py" for number in range(1, forms[part] + 1)]
    assert (SCRIPTS / "env.py").is_file()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("This is a text, and quite long enough to be one. " * 40)
    with pytest.raises(DataError) as caught:
        ready(Store(f"sqlite:///{tmp_path / 'store.db'}"))
    assert code(caught) == "not-a-store"


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        ready(Store(f"sqlite:///{tmp_path / 'none' / 'store.db'}"))
    assert code(caught) == "missing-folder"


def test_a_server_that_is_not_there_is_outside() -> None:
    store = Store("postgresql://who:sesame-1@127.0.0.1:9/store", pauses=(0.01,))
    with pytest.raises(OutsideError) as caught:
        ready(store)
    assert code(caught) == "store-away"
    assert "sesame-1" not in str(caught.value)
    assert "Try again when it can be reached" in str(caught.value)
