"""Addresses and networks whose word is believed."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

UNIX: Final = "unix"
"""Whoever may use the server's socket file, which no address tells."""

WIDEST: Final = {4: 16, 6: 64}
"""Shortest prefixes: whoever lists more than that lists machines that they do not know."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Networks:
    """A list of addresses and networks."""

    networks: tuple[Network, ...] = ()
    unix: bool = False

    @classmethod
    def of(cls, texts: tuple[str, ...]) -> Networks:
        """Read a list.

        Raises
        ------
        ValueError
            When one is neither an address nor a network.
        """
        return cls(tuple(ipaddress.ip_network(each) for each in texts if each != UNIX), UNIX in texts)

    def have(self, text: str | None) -> bool:
        """Whether an address is among them; of a socket file there is none."""
        if text is None:
            return self.unix
        found = address(text)
        return found is not None and any(found in each for each in self.networks)


def address(text: str) -> Address | None:
    """An address as proxies write it, with or without a port; nothing where it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else found
