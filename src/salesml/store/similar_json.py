"""One account in the JSON list of accounts that a prospect resembles."""

from __future__ import annotations

import json

import sqlalchemy as sa

from salesml.store.models import Similar


def mentions_account(account: str) -> sa.ColumnElement[bool]:
    """Rows of ``similar_accounts`` that list an account, as :mod:`salesml.store.json_text` writes them."""
    return Similar.accounts.contains(member(account), autoescape=True)


def without_account(text: str, account: str) -> str:
    """The list without an account; nothing when no other is left."""
    left = [each for each in json.loads(text) if each["account_id"] != account]
    return json.dumps(left, ensure_ascii=False, separators=(",", ":")) if left else ""


def member(account: str) -> str:
    """How an account stands in such a list."""
    return f'"account_id":{json.dumps(account, ensure_ascii=False)}'
