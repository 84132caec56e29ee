"""What pages and letters need besides the core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from salesml.errors import Fault, UsageError


@contextmanager
def packages_for_pages() -> Iterator[None]:
    """Say how to get a package that is not installed.

    Raises
    ------
    UsageError
        ``needs-package``.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "salesml":
            raise
        raise UsageError(
            Fault(
                code="needs-package",
                found=f"Pages need the package {error.name}, which is not installed",
                do="pip install 'salesml[web]'",
            )
        ) from None
