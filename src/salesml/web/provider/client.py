"""Asking a provider who somebody is: discovery, authorization code with PKCE, and what its answer must hold.

OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3; RFC 7636; RFC 9207.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from salesml.web.paths import is_safe
from salesml.web.provider.settings import EMAIL, Provider

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that only the provider has; neither ``none`` nor one by the client's secret."""

SECONDS: Final = (3.05, 5.0)
"""To connect to the provider, and to wait for its answer."""

LASTS: Final = 3600.0
"""Seconds after which its addresses and keys are asked for again."""

LEAST: Final = 30.0
"""Seconds between asking for its keys again, where a token names one that is not known."""

LEEWAY: Final = 60
"""Seconds that clocks may differ."""

LARGEST: Final = 1024 * 1024
"""Bytes of an answer."""


class ProviderAway(Exception):  # noqa: N818
    """The provider cannot be reached, or answers what no provider would."""


class NotBelieved(Exception):  # noqa: N818
    """What came back says of nobody who they are."""


@dataclass(frozen=True)
class Asked:
    """What is kept in the browser while somebody is at the provider.

    Attributes
    ----------
    state, nonce : str
        What the way back and the token must repeat.
    verifier : str
        By which only this site can trade the code for a token.
    next : str
        Where they wanted to go.
    """

    state: str
    nonce: str
    verifier: str
    next: str

    @classmethod
    def of(cls, next: str) -> Asked:
        """What is asked now."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, next)


class Client:
    """This site as the provider knows it.

    Parameters
    ----------
    provider : Provider
    url : str
        The site's own address.
    """

    def __init__(self, provider: Provider, url: str) -> None:
        self.provider = provider
        self.back = f"{url}/sign-in/back"
        self.home = f"{url}/signed-out"
        self._lock = threading.Lock()
        self._found: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def address(self, asked: Asked) -> str:
        """Where somebody is sent to say who they are.

        Raises
        ------
        ProviderAway
        """
        found = self._discovered()
        with self._session(found) as session:
            url, _ = session.create_authorization_url(
                found["authorization_endpoint"], state=asked.state, nonce=asked.nonce,
                code_verifier=asked.verifier,
            )  # fmt: skip
        return str(url)

    def login(self, asked: Asked, given: dict[str, str]) -> str:
        """Who came back, by the claim that is their login.

        Parameters
        ----------
        asked : Asked
            As the browser kept it.
        given : dict
            The parameters of the way back.

        Raises
        ------
        NotBelieved, ProviderAway
        """
        if not hmac.compare_digest(given.get("state", "").encode(), asked.state.encode()):
            raise NotBelieved("the state is not the one that was sent")
        if given.get("iss", self.provider.issuer) != self.provider.issuer:
            raise NotBelieved("another provider answered")
        if not given.get("code"):
            raise NotBelieved(f"the provider said {given.get('error', 'nothing')[:100]!r}")
        token = self._token(given["code"], asked)
        claims = self._claims(token, asked.nonce)
        if self.provider.claim not in claims:
            claims = self._told(token, str(claims["sub"])) | claims
        return _login(claims, self.provider.claim)

    def sign_out_address(self) -> str:
        """Where somebody signs out of the provider, too; nothing where it has no such page.

        Raises
        ------
        ProviderAway
        """
        end = self._discovered().get("end_session_endpoint")
        if not isinstance(end, str) or not is_safe(end):
            return ""
        sign = "&" if "?" in end else "?"
        said = {"client_id": self.provider.client_id, "post_logout_redirect_uri": self.home}
        return f"{end}{sign}{urlencode(said)}"

    def _discovered(self) -> dict[str, Any]:
        """The provider's addresses."""
        with self._lock:
            if self._found and time.monotonic() < self._found[0] + LASTS:
                return self._found[1]
            asked = time.monotonic()
            found = _get(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.provider.issuer:
                raise ProviderAway(f"it calls itself {found.get('issuer')!r}, not {self.provider.issuer!r}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not isinstance(found.get(name), str) or not is_safe(found[name]):
                    raise ProviderAway(f"it names no {name}, or one without https")
            self._found = asked, found
            return found

    def _session(self, found: dict[str, Any]) -> OAuth2Session:
        ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        return OAuth2Session(
            self.provider.client_id, self.provider.secret, token_endpoint_auth_method=way,
            scope=self.provider.scopes, redirect_uri=self.back, code_challenge_method="S256",
            default_timeout=SECONDS,
        )  # fmt: skip

    def _token(self, code: str, asked: Asked) -> dict[str, Any]:
        found = self._discovered()
        try:
            with self._session(found) as session:
                token = session.fetch_token(
                    found["token_endpoint"], grant_type="authorization_code", code=code,
                    code_verifier=asked.verifier, allow_redirects=False,
                )  # fmt: skip
        except OAuthError as error:
            raise NotBelieved(f"the provider refused the code: {error.error}") from error
        except (requests.RequestException, ValueError) as error:
            raise ProviderAway(f"its tokens cannot be had: {type(error).__name__}") from error
        if not isinstance(token.get("id_token"), str):
            raise NotBelieved("there is no id token")
        return dict(token)

    def _claims(self, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        """What the id token says, after all that makes it believable was looked at."""
        try:
            try:
                said = jwt.decode(token["id_token"], self._key_set(), algorithms=list(ALGORITHMS))
            except (JoseError, ValueError):
                # Providers change their keys.
                said = jwt.decode(token["id_token"], self._key_set(LEAST), algorithms=list(ALGORITHMS))
            claims = CodeIDToken(
                said.claims, said.header,
                {"iss": {"essential": True, "value": self.provider.issuer},
                 "aud": {"essential": True, "value": self.provider.client_id},
                 "nonce": {"essential": True, "value": nonce}},
                {"nonce": nonce, "client_id": self.provider.client_id,
                 "access_token": token.get("access_token")},
            )  # fmt: skip
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotBelieved(f"the id token does not hold: {type(error).__name__} {error}") from error
        return dict(claims)

    def _key_set(self, lasts: float = LASTS) -> KeySet:
        url = self._discovered()["jwks_uri"]
        with self._lock:
            if self._keys and time.monotonic() < self._keys[0] + lasts:
                return self._keys[1]
            asked = time.monotonic()
            try:
                keys = KeySet.import_key_set(_get(url))  # type: ignore[arg-type]
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise ProviderAway(f"its keys cannot be read: {type(error).__name__}") from error
            self._keys = asked, keys
            return keys

    def _told(self, token: dict[str, Any], subject: str) -> dict[str, Any]:
        """What the provider tells of somebody beside the token."""
        url = self._discovered().get("userinfo_endpoint")
        if not isinstance(url, str) or not is_safe(url) or not token.get("access_token"):
            return {}
        told = _get(url, {"authorization": f"Bearer {token['access_token']}"})
        if told.get("sub") != subject:
            raise NotBelieved("the provider told of somebody else")
        return told


def _login(claims: dict[str, Any], claim: str) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not value:
        raise NotBelieved(f"the provider says no {claim}")
    if claim == EMAIL and claims.get("email_verified") is not True:
        raise NotBelieved("the provider has not verified the address")
    return value


def _get(url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A JSON object, as long as it is not too large."""
    try:
        with requests.get(
            url, headers=headers, timeout=SECONDS, allow_redirects=False, stream=True
        ) as answer:
            if answer.status_code != 200:
                raise ProviderAway(f"{urlsplit(url).path} answers with {answer.status_code}")
            body = answer.raw.read(LARGEST + 1, decode_content=True)
        found = json.loads(body[:LARGEST])
    except (requests.RequestException, ValueError, OSError) as error:
        raise ProviderAway(f"{urlsplit(url).path} cannot be had: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise ProviderAway(f"{urlsplit(url).path} is no JSON object")
    return found
