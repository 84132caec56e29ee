"""What a provider's answer must hold: a hostile or broken one lets nobody in."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

pytest.importorskip("authlib", reason="the extra `web` is not installed")

from salesml.web.provider import client as module
from salesml.web.provider.client import Asked, Client, NotBelieved, ProviderAway
from salesml.web.provider.settings import Provider

SECRET = "hush-hush-hush-hush-hush-hush-hush-hush"
ASKED = Asked("the state", "the nonce", "v" * 43, "/")
BACK = {"state": "the state", "code": "the code"}


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


KEY, OTHER = new_key("one"), new_key("one")


class Fake:
    """A provider that answers as a test wants.

    Attributes
    ----------
    claims : dict
        What the id token says besides what is right; None takes away.
    documents : dict
        Answers by path: objects, or bytes and a status.
    asked : list
        Paths, headers and forms of requests.
    """

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.key: Any = KEY
        self.id_token: str | None = None
        self.documents: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, list[str]]]] = []

    def begin(self, issuer: str) -> None:
        self.issuer = issuer
        self.documents = {
            "/.well-known/openid-configuration": {
                "issuer": issuer, "authorization_endpoint": f"{issuer}/ask",
                "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/keys",
                "userinfo_endpoint": f"{issuer}/me",
            },
            "/keys": KeySet([KEY]).as_dict(private=False),
            "/me": {"sub": "17", "email": "me@example.com", "email_verified": True},
        }  # fmt: skip

    def token(self) -> dict[str, Any]:
        now = int(time.time())
        right = {"iss": self.issuer, "sub": "17", "aud": "salesml", "exp": now + 300, "iat": now,
                 "nonce": "the nonce", "email": "kim@example.com", "email_verified": True}  # fmt: skip
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        token = self.id_token or jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])
        return {"access_token": "an access token", "token_type": "Bearer", "id_token": token}

    def login(self, back: dict[str, str] = BACK, **more: Any) -> str:
        return Client(Provider(**{"issuer": self.issuer, "client_id": "salesml", "secret": SECRET} | more),
                      "http://scores.example.com").login(ASKED, back)  # fmt: skip


@pytest.fixture
def fake() -> Iterator[Fake]:
    fake = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.answer(parse_qs(body))

        def answer(self, form: dict[str, list[str]]) -> None:
            fake.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, form))
            found = fake.documents.get(self.path)
            if found is None and self.path == "/token":
                found = fake.token()
            status, body = found if isinstance(found, tuple) else (200, json.dumps(found).encode())
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{fake.issuer}/elsewhere")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.begin(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield fake
        server.shutdown()
        thread.join()


def test_a_right_answer_is_believed(fake: Fake) -> None:
    assert fake.login() == "kim@example.com"
    [(_, headers, form)] = [each for each in fake.asked if each[0] == "/token"]
    assert base64.b64decode(headers["authorization"].split()[1]).decode() == f"salesml:{SECRET}"
    assert form["code_verifier"] == ["v" * 43]
    assert form["redirect_uri"] == ["http://scores.example.com/sign-in/back"]
    assert fake.login({**BACK, "iss": fake.issuer}) == "kim@example.com"


HOUR = 3600


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": ["salesml", "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "exp"),
        ({"iat": 2**33, "exp": 2**33 + 9}, "in the future"),
        ({"iat": None}, "iat"),
        ({"sub": None}, "sub"),
        ({"at_hash": "another"}, "at_hash"),
        ({"email_verified": False}, "has not verified"),
        ({"email_verified": "true"}, "has not verified"),
        ({"email_verified": None}, "has not verified"),
        ({"email": ["kim@example.com"]}, "says no email"),
        ({"email": ""}, "says no email"),
    ],
)
def test_a_token_that_says_something_else_is_not(fake: Fake, claims: dict[str, Any], said: str) -> None:
    fake.claims = claims
    with pytest.raises(NotBelieved) as error:
        fake.login()
    assert said in str(error.value)


def unsigned(issuer: str) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"iss": issuer, "sub": "17", "aud": "salesml", "exp": now + 300, "iat": now,
              "nonce": "the nonce", "email": "kim@example.com", "email_verified": True}  # fmt: skip
    return f"{part({'alg': 'none'})}.{part(claims)}."


def test_nor_is_one_that_the_provider_did_not_sign(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.key = OTHER
    with pytest.raises(NotBelieved):
        fake.login()
    fake.key, fake.header = OctKey.import_key(SECRET), {"alg": "HS256"}
    with pytest.raises(NotBelieved):
        fake.login()
    for token in (unsigned(fake.issuer), "x", "a.b.c", ""):
        fake.id_token = token or None
        fake.documents["/token"] = {"access_token": "a", "token_type": "Bearer", "id_token": token}
        with pytest.raises(NotBelieved):
            fake.login()
    fake.documents["/token"] = {"access_token": "a", "token_type": "Bearer"}
    with pytest.raises(NotBelieved, match="no id token"):
        fake.login()


@pytest.mark.parametrize(
    ("back", "said"),
    [
        ({"state": "another", "code": "c"}, "state"),
        ({"code": "c"}, "state"),
        ({"state": "\u00e4", "code": "c"}, "state"),
        ({"state": "the state", "code": "c", "iss": "https://evil.example"}, "another provider"),
        ({"state": "the state"}, "said 'nothing'"),
        ({"state": "the state", "error": "access_denied"}, "said 'access_denied'"),
    ],
)
def test_nor_is_a_way_back_that_was_not_asked_for(fake: Fake, back: dict[str, str], said: str) -> None:
    with pytest.raises(NotBelieved, match=said):
        fake.login(back)
    assert fake.asked == []  # nothing is sent on


def test_what_the_token_leaves_out_is_asked_for_and_is_of_the_same_person(fake: Fake) -> None:
    fake.claims = {"email": None, "email_verified": None}
    assert fake.login() == "me@example.com"
    assert fake.asked[-1][1]["authorization"] == "Bearer an access token"
    fake.documents["/me"]["sub"] = "18"
    with pytest.raises(NotBelieved, match="somebody else"):
        fake.login()
    # What the token says goes before what is told beside it.
    fake.documents["/me"]["sub"] = "17"
    fake.claims = {"email": None, "email_verified": False}
    with pytest.raises(NotBelieved, match="has not verified"):
        fake.login()


def test_a_code_that_the_provider_refuses_lets_nobody_in(fake: Fake) -> None:
    fake.documents["/token"] = (400, b'{"error": "invalid_grant"}')
    with pytest.raises(NotBelieved, match="invalid_grant"):
        fake.login()


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize("answer", [(500, b"{}"), (200, b"<html>"), (200, b"[]"), (302, b""), (200, b"\xff")])
def test_a_provider_that_answers_nonsense_is_away(fake: Fake, path: str, answer: tuple[int, bytes]) -> None:
    fake.documents[path] = answer
    with pytest.raises((ProviderAway, NotBelieved)) as error:
        fake.login()
    assert isinstance(error.value, ProviderAway) or path == "/token"
    assert not any(each[0] == "/elsewhere" for each in fake.asked)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": "https://evil.example"}, "calls itself"),
        ({"token_endpoint": None}, "no token_endpoint"),
        ({"token_endpoint": "http://evil.example/token"}, "without https"),
        ({"jwks_uri": "file:///etc/passwd"}, "without https"),
    ],
)
def test_nor_does_one_whose_addresses_are_odd_get_the_secret(
    fake: Fake, change: dict[str, Any], said: str
) -> None:
    fake.documents["/.well-known/openid-configuration"] |= change
    with pytest.raises(ProviderAway, match=said):
        fake.login()
    assert len(fake.asked) == 1


def test_an_answer_without_end_is_not_read_to_the_end(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1_000)
    fake.documents["/keys"] = (200, json.dumps({"keys": [], "x": "x" * 2_000}).encode())
    with pytest.raises(ProviderAway):
        fake.login()


def test_keys_that_the_provider_changed_are_asked_for_again_but_not_all_the_time(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    client = Client(Provider(fake.issuer, "salesml", SECRET), "http://scores.example.com")
    assert client.login(ASKED, BACK) == "kim@example.com"
    assert client.login(ASKED, BACK) == "kim@example.com"

    def reads() -> int:
        return sum(each[0] == "/keys" for each in fake.asked)

    assert reads() == 1
    fake.key = new_key("two")
    fake.header = {"alg": "RS256", "kid": "two"}
    fake.documents["/keys"] = KeySet([fake.key]).as_dict(private=False)
    with pytest.raises(NotBelieved):
        client.login(ASKED, BACK)
    assert reads() == 1  # a flood of odd tokens asks for nothing
    clock[0] += module.LEAST
    assert client.login(ASKED, BACK) == "kim@example.com"
    assert reads() == 2


def test_the_secret_is_sent_as_the_provider_wants_it(fake: Fake) -> None:
    discovery = fake.documents["/.well-known/openid-configuration"]
    discovery["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert fake.login() == "kim@example.com"
    [(_, headers, form)] = [each for each in fake.asked if each[0] == "/token"]
    assert "authorization" not in headers
    assert form["client_secret"] == [SECRET]


def test_where_to_sign_out_there(fake: Fake) -> None:
    client = Client(Provider(fake.issuer, "sales ml", SECRET), "http://scores.example.com")
    assert client.sign_out_address() == ""
    other = Client(Provider(fake.issuer, "sales ml", SECRET), "http://scores.example.com")
    fake.documents["/.well-known/openid-configuration"]["end_session_endpoint"] = f"{fake.issuer}/end?x=1"
    assert other.sign_out_address() == (
        f"{fake.issuer}/end?x=1&client_id=sales+ml"
        "&post_logout_redirect_uri=http%3A%2F%2Fscores.example.com%2Fsigned-out"
    )
