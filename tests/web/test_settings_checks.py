"""A site that would let the wrong people in does not start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from salesml.errors import UsageError
from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.provider.settings import Provider, secret_of
from salesml.web.settings import OIDC, PROXY, Settings
from salesml.web.settings_checks import check

GIVEN = Provider("https://id.example.com", "salesml", "hush-hush")
BY_PROXY = Settings(way_in=PROXY, proxies=("10.0.0.7",), login_header="X-Remote-User")
BY_PROVIDER = Settings(way_in=OIDC, url="https://scores.example.com", provider=GIVEN)


@pytest.mark.parametrize(
    "settings", [Settings(), BY_PROXY, BY_PROVIDER, Settings(url="https://a.example:8443")]
)
def test_good_settings_pass(settings: Settings) -> None:
    check(settings)


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        (replace(BY_PROXY, proxies=()), "needs-proxies", "A header is believed only"),
        (replace(BY_PROXY, login_header=""), "needs-proxies", "the name of its header is missing"),
        (replace(BY_PROXY, login_header="X User"), "needs-proxies", "'X User' is not the name of a header"),
        (replace(BY_PROXY, login_header="Cookie"), "needs-proxies", "means something else already"),
        (replace(BY_PROXY, proxies=("0.0.0.0/0",)), "wide-network", "4,294,967,296 addresses. At most a /16"),
        (replace(BY_PROXY, proxies=("10.0.0.0/15",)), "wide-network", "List the proxies themselves"),
        (replace(BY_PROXY, proxies=("::/0",)), "wide-network", "At most a /64"),
        (Settings(proxies=("proxy.example.com",)), "bad-value", "'proxy.example.com' in the list"),
        (Settings(proxies=("10.0.0.7/24",)), "bad-value", "'10.0.0.7/24' in the list"),
        (Settings(way_in="magic"), "bad-value", "'magic' is no way to sign in. One of password, proxy, oidc"),
        (Settings(zone="Mars/Base"), "bad-value", "'Mars/Base' is not a time zone"),
        (Settings(session_hours=0), "bad-value", "session_hours is 0. It is more than 0"),
        (replace(BY_PROVIDER, provider=None), "needs-provider", "its issuer, the client's id, its secret"),
        (replace(BY_PROVIDER, provider=replace(GIVEN, secret="")), "needs-provider", "its secret"),
        (replace(BY_PROVIDER, provider=replace(GIVEN, scopes="email")), "needs-provider", "without openid"),
        (replace(BY_PROVIDER, provider=replace(GIVEN, issuer="http://id.example.com")), "bad-url", "issuer"),
        (replace(BY_PROVIDER, url=""), "needs-url", "its own address is missing"),
        (Settings(url="https://a.example/scores"), "bad-url", "Only https, name and port"),
        (Settings(url="https://kim@a.example"), "bad-url", "Only https, name and port"),
        (Settings(url="http://a.example"), "bad-url", "sessions are only sent by it"),
        (Settings(sign_out_url="javascript:alert(1)"), "bad-url", "The address for signing out"),
    ],
)  # fmt: skip
def test_bad_ones_are_refused_in_words(settings: Settings, code: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        check(settings)
    assert [fault.code for fault in error.value.faults] == [code]
    assert said in str(error.value)
    assert "hush" not in str(error.value)


def test_all_that_is_wrong_is_said_together() -> None:
    with pytest.raises(UsageError) as error:
        check(Settings(way_in=PROXY, zone="x", session_minutes=-1))
    codes = [fault.code for fault in error.value.faults]
    assert codes == ["bad-value", "bad-value", "needs-proxies", "needs-proxies"]


def test_the_site_does_not_start_with_them(store: Store) -> None:
    with pytest.raises(UsageError) as error:
        create_app(store, Settings(way_in=PROXY, login_header="X-Remote-User"))
    assert error.value.code == "needs-proxies"


def test_a_secret_is_in_the_environment_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_SECRET", "hush-hush")
    monkeypatch.delenv("NOT_SET", raising=False)
    assert secret_of("$OIDC_SECRET") == secret_of("${OIDC_SECRET}") == "hush-hush"
    assert "hush" not in repr(GIVEN)
    assert "hush" not in repr(BY_PROVIDER)
    for text, said in (
        ("hush-hush", "is given itself"),
        ("$NOT_SET", "in the variable NOT_SET, which is not set"),
    ):
        with pytest.raises(UsageError) as error:
            secret_of(text)
        assert error.value.code == "bad-secret"
        assert said in str(error.value)
        assert "hush" not in str(error.value)
