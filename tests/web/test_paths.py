"""Nobody is sent out of the site."""

from __future__ import annotations

import pytest

from salesml.web.paths import is_safe, ours


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org",
        "//example.org",
        "/\\example.org",
        "\\\\example.org",
        "/\t/example.org",
        "/\n/example.org",
        "javascript:alert(1)",
        "",
        "accounts",
        " /accounts",
        "/a\0",
        "/" + "a" * 2_000,
        "/\u2028//example.org",
    ],
)
def test_what_leads_elsewhere_leads_to_the_first_page(elsewhere: str) -> None:
    assert ours(elsewhere) == "/"


@pytest.mark.parametrize("path", ["/", "/accounts?search=a%2Fb&page=2", "/account/ä-1", "/a//b"])
def test_a_path_of_the_site_stays(path: str) -> None:
    assert ours(path) == path


def test_what_nobody_on_the_way_can_change() -> None:
    assert is_safe("https://id.example.com/x")
    assert is_safe("http://127.0.0.1:3000")
    for url in (
        "http://id.example.com",
        "http://127.0.0.1.example.com",
        "ftp://localhost",
        "",
        "//localhost",
    ):
        assert not is_safe(url)
