"""Addresses whose word is believed."""

from __future__ import annotations

import pytest

from salesml.web.networks import Networks, address


def test_addresses_networks_and_the_socket_file() -> None:
    listed = Networks.of(("10.0.0.7", "192.0.2.0/28", "2001:db8::1"))
    for inside in ("10.0.0.7", "192.0.2.15", "2001:db8::1", "::ffff:10.0.0.7"):
        assert listed.have(inside)
    for outside in ("10.0.0.8", "192.0.2.16", "2001:db8::2", "testclient", "", None):
        assert not listed.have(outside)
    assert Networks.of(("unix",)).have(None)
    assert not Networks.of(("unix",)).have("127.0.0.1")


@pytest.mark.parametrize(
    ("text", "read"),
    [("192.0.2.1", "192.0.2.1"), (" 192.0.2.1:443 ", "192.0.2.1"), ("[2001:db8::1]:443", "2001:db8::1"),
     ("2001:db8::1", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("unknown", None), ("", None),
     ("192.0.2.1, 10.0.0.1", None), ("192.0.2", None)],
)  # fmt: skip
def test_an_address_as_proxies_write_it(text: str, read: str | None) -> None:
    found = address(text)
    assert (str(found) if found else None) == read
