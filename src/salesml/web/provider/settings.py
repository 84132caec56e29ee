"""Which provider says who somebody is."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Final

from salesml.errors import Fault, UsageError

EMAIL: Final = "email"


@dataclass(frozen=True)
class Provider:
    """A provider of OpenID Connect.

    Attributes
    ----------
    issuer : str
        Its address, as it calls itself.
    client_id : str
        What it calls this site.
    secret : str
        By which this site shows that it is the one.
    claim : str
        What the provider says of a person that is their login here; ``email`` counts only when the provider
        has verified it.
    scopes : str
        Words between blanks: what is asked for.
    name : str
        What people call it, for the button.
    """

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    claim: str = EMAIL
    scopes: str = "openid email profile"
    name: str = ""


def secret_of(text: str) -> str:
    """The secret that an option names: ``$NAME``, a variable of the environment, and nothing else.

    Raises
    ------
    UsageError
        ``bad-secret``.
    """
    match = re.fullmatch(r"\$(?:\{(\w+)\}|(\w+))", text)
    name = (match[1] or match[2]) if match else ""
    if not name:
        # It is not repeated: it may be the secret itself.
        found, do = "The client's secret is given itself", "Give the name of a variable of the environment"
    elif not os.environ.get(name):
        found, do = f"The client's secret is to be in the variable {name}, which is not set", f"Set {name}"
    else:
        return os.environ[name]
    allowed = "It is $NAME, so that it stands in no list of processes and in no history of commands"
    raise UsageError(Fault(code="bad-secret", found=found, allowed=allowed, do=do))
