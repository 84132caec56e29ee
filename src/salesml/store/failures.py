"""What a database says when it cannot, in words, and whether to try again."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from salesml.errors import DataError, Fault, OutsideError, SalesmlError
from salesml.store.address import Address

_LATER = ("08", "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03")
"""What PostgreSQL calls a lost connection, a collision, too many clients, a server that stops or starts."""

_UNFIT = ("22", "54")
"""What PostgreSQL calls values that it cannot hold, such as an id too long for an index."""

_NEVER = ("authentication failed", "does not exist", "no password supplied")


def passing(error: BaseException) -> bool:
    """Whether a failure may be over when tried again: a lost connection, a stopped server, a lock."""
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    kind, said = type(cause).__module__.partition(".")[0], str(cause)
    if kind == "sqlite3":
        return "locked" in said or "busy" in said
    if kind == "psycopg":
        code = getattr(cause, "sqlstate", None)
        if code is None:
            return _lost(cause) and not any(each in said for each in _NEVER)
        return str(code).startswith(_LATER)
    return False


def _lost(cause: Any) -> bool:
    return any(each.__name__ in ("OperationalError", "InterfaceError") for each in type(cause).__mro__)


def collides(error: BaseException) -> bool:
    """Whether a row stands in the way of another."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return any(each.__name__ == "IntegrityError" for each in type(cause).__mro__)


def from_database(error: BaseException) -> bool:
    """Whether an error came from a database or its driver."""
    kind = type(error).__module__.partition(".")[0]
    return isinstance(error, SQLAlchemyError) or kind in ("sqlite3", "psycopg")


def away(address: Address, error: BaseException) -> SalesmlError:
    """What a failure is: away for now, closed to this user, no store at all, or a value too large."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    reason = address.without_secrets(said[0] if said else type(error).__name__)
    if "not a database" in reason or "malformed" in reason:
        return DataError(
            Fault(
                code="not-a-store",
                found=f"{address} cannot be read as a store: {reason}",
                do="Name another file, or put back a backup of this one",
            )
        )
    if any(each in reason for each in _NEVER):
        return OutsideError(
            Fault(
                code="store-refused",
                found=f"The server of the store at {address} lets nobody in: {reason}",
                do="Mend the user, the password or the database in the address; what was published before is "
                "still there, whole",
            )
        )
    if str(getattr(getattr(error, "orig", error), "sqlstate", None) or "").startswith(_UNFIT):
        return DataError(
            Fault(
                code="not-storable",
                found=f"The store at {address} cannot hold a value: {reason}",
                allowed="PostgreSQL takes ids of up to 2,000 letters, and numbers within their type",
                do="Correct the value in the tables and score again; nothing was published",
            )
        )
    return OutsideError(
        Fault(
            code="store-away",
            found=f"The store at {address} cannot be used now: {reason}",
            do=f"{_advice(reason)}; what was published before is still there, whole",
        )
    )


def _advice(reason: str) -> str:
    if "is full" in reason:
        return "Make room and run it again: it goes on"
    if "readonly" in reason or "unable to open" in reason:
        return "Run it as a user who may read and write the file, and write to its folder"
    return "Try again when it can be reached"
