"""Who is new: the first win of each account, and the time as a customer that began with it."""

from __future__ import annotations

NEW = """
won AS (
    SELECT account, rep, prospect, day, month, amount FROM wins WHERE account IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY account ORDER BY day, prospect) = 1
),
-- The time as a customer that runs on that day or begins after it: an earlier one that is over says nothing
-- of this win, and who has been a customer for longer than a month is not new but buys again.
new AS (
    SELECT w.*, s."end" FROM won AS w
    JOIN spells AS s ON s.account = w.account AND (s."end" IS NULL OR s."end" >= w.day)
    QUALIFY row_number() OVER (PARTITION BY w.account ORDER BY s.start) = 1
        AND s.start >= w.day - INTERVAL 31 DAY
)
"""
"""``new(account, rep, prospect, day, month, amount, end)``, after ``WITH``; ``rep`` is who won it."""
