"""Whom a row of a snapshot is about: an account, or a prospect."""

from __future__ import annotations

from dataclasses import dataclass

from salesml.config import Spec


@dataclass(frozen=True)
class Entity:
    """What the rows of a task are about, and where its relations name it.

    Parameters
    ----------
    table : str
        The relation with one row for each.
    key : str
        The column of logs and other relations that names it.
    one, many : str
        What one and several are called.
    """

    table: str
    key: str
    one: str
    many: str


ACCOUNT = Entity("accounts", "account", "account", "accounts")
PROSPECT = Entity("prospects", "prospect", "prospect", "prospects")


def entity_of(spec: Spec) -> Entity:
    """Accounts leave; prospects are won, and become ideal customers or not."""
    return ACCOUNT if spec.task == "churn" else PROSPECT
