"""Long loads say how far they are, and short ones nothing."""

from __future__ import annotations

from salesml.store.progress import Progress


def test_a_line_now_and_then() -> None:
    said: list[str] = []
    moments = iter([0.0, 1.0, 6.0, 7.0, 200.0, 300.0])
    progress = Progress(said.append, 10_000, 1_000, clock=lambda: next(moments))
    for done in (1_100, 1_600, 1_700, 3_000, 10_000):
        progress.at(done)
    assert said == [
        "1,600 of 10,000 rows, 100 a second, 84 s left",
        "3,000 of 10,000 rows, 10 a second, 12 min left",
    ]
