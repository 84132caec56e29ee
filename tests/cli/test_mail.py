"""Whom to call this week, sent by a real mail server."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiosmtpd", reason="aiosmtpd is not installed")
pytest.importorskip("fastapi", reason="the extra `web` is not installed")

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

from salesml.cli import main
from salesml.cli.mail import server_of
from salesml.errors import UsageError
from salesml.store import directory
from salesml.store.audit import entries
from salesml.store.engine import Store
from salesml.store.publish import publish
from salesml.store.users import disable
from salesml.web import letters as made_letters
from tests.cli.five_reps import five_reps
from tests.store.made import DAY, row, write_rows


class SomePort(Controller):  # type: ignore[misc]  # aiosmtpd has no types
    """Listens where there is room, so that tests can run beside each other."""

    def _trigger_server(self) -> None:
        assert self.server
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Inbox:
    """Keeps what arrives; refuses whom it does not know."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.hang_up = 0

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it so
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 No such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hang_up:
            self.hang_up -= 1
            return "421 Too many at once"
        content = envelope.content
        assert isinstance(content, bytes)
        read = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(read, EmailMessage)
        self.letters.append(read)
        return "250 OK"

    @property
    def to(self) -> list[str]:
        return [str(each["To"]) for each in self.letters]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[str]:
    """A mail server without TLS on this machine."""
    controller = SomePort(inbox, hostname="127.0.0.1", port=0)
    yield from _running(controller)


def _running(controller: Controller) -> Iterator[str]:
    controller.start()
    assert controller.server
    yield f"127.0.0.1:{controller.server.sockets[0].getsockname()[1]}"
    controller.stop()


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(directory, "LASTS", 0.0)
    return five_reps(tmp_path)


def send(url: str, server: str, *more: str) -> int:
    return main(["this-week", "--store", url, "--smtp", server, "--from", "Scores <scores@example.com>",
                 "--tls", "none", *more])  # fmt: skip


def test_each_rep_with_an_address_gets_their_own(
    url: str, server: str, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send(url, server, "--address", "https://scores.example.com") == 0
    assert inbox.to == ["rep0@example.com", "rep1@example.com", "rep3@example.com"]
    said = capsys.readouterr()
    assert said.out.strip() == "Letters: 3 sent, 2 left out"
    assert said.err.splitlines() == [
        "R2: left out, their login is no e-mail address", "R4: left out, their login is no e-mail address",
    ]  # fmt: skip
    first = inbox.letters[1]
    assert first["From"] == "Scores <scores@example.com>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"].endswith("@example.com>")
    assert first.get_content_type() == "text/plain"
    body = first.get_content()
    own = max(range(1, 50, 7), key=lambda number: row(number)["expected_loss"])
    assert str(first["Subject"]).startswith(f"Call first this week: C-{own:06d} (scores of 1 January 2026)")
    numbers = {int(line.rpartition("C-")[2]) for line in body.splitlines() if "/accounts/" in line}
    assert numbers
    assert {number % 7 for number in numbers} == {1}


def test_the_same_scores_are_sent_once(
    url: str, server: str, inbox: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(url, server, "--rep", "R1")
    capsys.readouterr()
    assert send(url, server) == 0
    assert inbox.to == ["rep1@example.com", "rep0@example.com", "rep3@example.com"]
    assert "R1: left out, these scores were sent to them before" in capsys.readouterr().err
    assert send(url, server, "--rep", "R1", "--again") == 0
    assert len(inbox.to) == 4
    with Store(url) as store:
        later = [row(number, day=DAY + dt.timedelta(days=1), run="run-2") for number in range(50)]
        publish(store, write_rows(tmp_path / "later.parquet", later))
        noted = [each for each in entries(store) if each.what == "sent-this-week"]
    assert [each.about for each in noted][:2] == ["letter:1/rep1@example.com", "letter:1/rep0@example.com"]
    assert all("(command line)" in each.by for each in noted)
    send(url, server)
    assert inbox.to[4:] == ["rep0@example.com", "rep1@example.com", "rep3@example.com"]


def test_one_address_that_is_refused_does_not_stop_the_others(
    url: str, server: str, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox.refused.add("rep0@example.com")
    assert send(url, server) == 3
    assert inbox.to == ["rep1@example.com", "rep3@example.com"]
    said = capsys.readouterr()
    assert "R0: failed, the mail server did not take it: 550 5.1.1 No such person" in said.err
    assert "2 sent, 2 left out, 1 failed" in said.out
    inbox.refused.clear()
    assert send(url, server) == 0
    assert inbox.to[2:] == ["rep0@example.com"]


def test_a_server_that_hangs_up_is_asked_again(url: str, server: str, inbox: Inbox) -> None:
    inbox.hang_up = 1
    assert send(url, server) == 3
    assert inbox.to == ["rep1@example.com", "rep3@example.com"]
    assert send(url, server) == 0
    assert inbox.to[2:] == ["rep0@example.com"]


def test_a_rep_whose_letter_cannot_be_written_does_not_stop_the_others(
    url: str, server: str, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = made_letters.letter

    def fails(week: Any, name: str, *rest: Any, **more: Any) -> Any:
        if name == "Rep 1":
            raise ValueError("an odd row")
        return real(week, name, *rest, **more)

    monkeypatch.setattr(made_letters, "letter", fails)
    assert send(url, server) == 3
    assert inbox.to == ["rep0@example.com", "rep3@example.com"]
    assert "R1: failed, could not be written" in capsys.readouterr().err


def test_who_was_shut_out_gets_none(url: str, server: str, inbox: Inbox) -> None:
    with Store(url) as store:
        disable(store, "rep1@example.com", by="admin")
    send(url, server)
    assert inbox.to == ["rep0@example.com", "rep3@example.com"]


def test_a_server_that_is_away_is_said_to_be(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert send(url, "127.0.0.1:1") == 4
    assert "[mail-away] The mail server 127.0.0.1:1 cannot be used" in capsys.readouterr().err


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine, signed by itself, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    moment = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(moment - dt.timedelta(days=1))
        .not_valid_after(moment + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def secure(inbox: Inbox, certificate: Path) -> Iterator[str]:
    """A mail server that wants TLS and a password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = (given.login, given.password) == (b"salesml", b"a secret")
        return AuthResult(success=right, handled=right)

    controller = SomePort(
        inbox, hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True, auth_required=True,
        authenticator=known,
    )  # fmt: skip
    for where in _running(controller):
        yield where.replace("127.0.0.1", "localhost")


def by_tls(url: str, server: str, *more: str) -> int:
    return main(["this-week", "--store", url, "--smtp", server, "--from", "scores@example.com", *more])


def test_letters_go_over_tls_with_a_password(
    url: str, secure: str, inbox: Inbox, certificate: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("MAIL_PASSWORD", "a secret")
    user = ("--user", "salesml", "--password", "$MAIL_PASSWORD")
    assert by_tls(url, secure, *user, "--ca", str(certificate)) == 0
    assert len(inbox.to) == 3
    monkeypatch.setenv("MAIL_PASSWORD", "another")
    capsys.readouterr()
    assert by_tls(url, secure, *user, "--ca", str(certificate), "--again") == 4
    said = capsys.readouterr().err
    assert "mail-away" in said
    assert "another" not in said


def test_a_certificate_that_nobody_signed_is_not_believed(
    url: str, secure: str, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert by_tls(url, secure) == 4
    assert "certificate verify failed" in capsys.readouterr().err
    assert not inbox.to


def test_a_server_without_tls_gets_no_letter(
    url: str, server: str, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert by_tls(url, server) == 4
    assert "STARTTLS" in capsys.readouterr().err
    assert not inbox.to


def test_a_password_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    server = server_of("mail.example.com", user="u", password="${SECRET}")
    assert server.password == "hunter2"
    assert "hunter2" not in repr(server)
    with pytest.raises(UsageError):
        server_of("mail.example.com", user="u", password="hunter2")
