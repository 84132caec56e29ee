"""What came of answers: the last look-up holds, and brings nobody back."""

from __future__ import annotations

import datetime as dt

from salesml.store import answers
from salesml.store.answers import Said, Seen
from salesml.store.engine import Store
from salesml.store.erase import erase, people
from salesml.store.migrate import migrate
from salesml.store.outcomes import Known, keep

DAY = dt.date(2026, 2, 27)
HORIZON = (DAY, DAY + dt.timedelta(days=30))


def looked_up(store: Store, known: Known) -> int:
    return store.write(lambda con: keep(con, known), store.feedback)


def test_outcomes_stand_beside_answers_until_they_are_looked_up_again(store: Store) -> None:
    migrate(store)
    for name in ("A-1", "A-2"):
        seen = Seen("churn", "churn", name, DAY, "salesml-churn/3", 0.3, "R1")
        store.write(
            lambda con, seen=seen: answers.add(  # type: ignore[misc]
                con, seen, Said("lost"), by="kim", today=DAY, key="k"
            ),
            store.feedback,
        )
    first, second = store.read(answers.every, store.feedback)
    assert (first.label, first.horizon_last) == (None, None)
    assert looked_up(store, {first.id: (1, *HORIZON), second.id: (0, *HORIZON), 10_000: (1, *HORIZON)}) == 2
    told = store.read(lambda con: answers.of_entity(con, "A-1", ["churn"]), store.feedback)
    assert [(each.label, each.horizon_start, each.horizon_last) for each in told] == [
        (1, DAY, dt.date(2026, 3, 28))
    ]
    assert looked_up(store, {second.id: (1, *HORIZON)}) == 1
    assert [each.label for each in store.read(answers.every, store.feedback)] == [None, 1]
    assert not erase(store, people(accounts=["A-2"])).left
    assert looked_up(store, {second.id: (1, *HORIZON)}) == 0
    assert [each.entity_id for each in store.read(answers.every, store.feedback)] == ["A-1"]
