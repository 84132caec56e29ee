"""Sending letters by a mail server: over TLS, but for a server on the same machine."""

from __future__ import annotations

import ipaddress
import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path
from typing import Final

from salesml.errors import Fault, OutsideError, UsageError

STARTTLS: Final = "starttls"
TLS: Final = "tls"
PLAIN: Final = "none"
PORTS: Final = {STARTTLS: 587, TLS: 465, PLAIN: 25}

SECONDS: Final = 30.0
"""That a mail server may take for an answer."""

ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}"
)


@dataclass(frozen=True)
class Server:
    """A mail server and how it is spoken to.

    Attributes
    ----------
    tls : str
        ``starttls``, ``tls`` from the first byte on, or ``none``.
    password : str
        Never shown.
    ca : Path or None
        Certificates that are believed besides those of this machine.
    """

    host: str
    port: int
    tls: str = STARTTLS
    user: str = ""
    password: str = ""
    ca: Path | None = None

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port}, {self.tls})"


def is_address(text: str) -> bool:
    """Whether a text is an address that mail can be sent to, and nothing else."""
    return len(text) <= 254 and ADDRESS.fullmatch(text) is not None


def server_of(
    where: str, *, tls: str = STARTTLS, user: str = "", password: str = "", ca: Path | None = None
) -> Server:
    """A server from options.

    Parameters
    ----------
    where : str
        ``HOST`` or ``HOST:PORT``, an IPv6 address in brackets.
    password : str
        ``$NAME``, a variable of the environment.

    Raises
    ------
    UsageError
        ``bad-server``, ``needs-tls``, ``bad-secret``.
    """
    match = re.fullmatch(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\s]+))(?::(?P<port>\d{1,5}))?", where)
    faults = []
    if not match or (match["port"] and not 0 < int(match["port"]) <= 65_535):
        faults.append(
            Fault(code="bad-server", found=f"{where!r} is no mail server", allowed="HOST or HOST:PORT")
        )
    host = (match["six"] or match["host"]) if match else ""
    if tls == PLAIN and host and not _is_this_machine(host):
        faults.append(
            Fault(
                code="needs-tls",
                found=f"Letters to {host} would go over the network for everybody to read",
                allowed="--tls none is for a server on this machine",
                do="Leave --tls out, or give --tls tls",
            )
        )
    if bool(user) != bool(password):
        faults.append(
            Fault(code="bad-secret", found="A user and a password go together", do="Give both or none")
        )
    elif password and not _secret(password):
        faults.append(
            Fault(
                code="bad-secret",
                found="The mail server's password is not named by a variable that is set",
                allowed="$NAME, so that it stands in no list of processes and in no history of commands",
                do="Set a variable of the environment and give its name",
            )
        )
    if faults or not match:
        raise UsageError(faults)
    port = int(match["port"]) if match["port"] else PORTS[tls]
    return Server(host, port, tls, user, _secret(password), ca)


def sender_of(text: str) -> str:
    """Who letters are from.

    Raises
    ------
    UsageError
        ``bad-address``.
    """
    if not text.isprintable() or not is_address(parseaddr(text)[1]):
        allowed = "Such as scores@example.com, or Scores <scores@example.com>"
        raise UsageError(
            Fault(code="bad-address", found=f"{text!r} is no address to send from", allowed=allowed)
        )
    return text


def message(sender: str, to: str, subject: str, body: str) -> EmailMessage:
    """A plain text for one reader."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = formatdate()
    made["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(body, charset="utf-8", cte="quoted-printable")
    return made


class Post:
    """A connection to a mail server, opened anew when it was lost."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connection: smtplib.SMTP | None = None

    def send(self, letter: EmailMessage) -> str:
        """Send a letter; why the server did not take it, empty where it did.

        Raises
        ------
        OutsideError
            ``mail-away`` when the server cannot be reached or does not let anybody in.
        """
        try:
            return self._tried(letter)
        except smtplib.SMTPServerDisconnected:
            self.close()
        try:  # servers hang up after some letters, or some time
            return self._tried(letter)
        except smtplib.SMTPServerDisconnected as error:  # one that does so twice does not want this one
            self.close()
            return _plain(str(error))

    def _tried(self, letter: EmailMessage) -> str:
        connection = self._opened()
        try:
            connection.send_message(letter)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return f"{code} {_plain(said)}"
        except smtplib.SMTPResponseException as error:
            self._reset()
            return f"{error.smtp_code} {_plain(error.smtp_error)}"
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self.close()
            return _plain(str(error))
        return ""

    def close(self) -> None:
        """Say goodbye, if anybody is listening."""
        if self.connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.connection.quit()
            self.connection.close()
        self.connection = None

    def open(self) -> None:
        """Reach the server, before anything is prepared for it.

        Raises
        ------
        OutsideError
            ``mail-away``.
        """
        self._opened()

    def _opened(self) -> smtplib.SMTP:
        if self.connection is None:
            try:
                self.connection = _connected(self.server)
            except (smtplib.SMTPException, OSError) as error:
                raise _away(self.server, error) from error
        return self.connection

    def _reset(self) -> None:
        if self.connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.connection.rset()


@contextmanager
def post(server: Server) -> Iterator[Post]:
    """A connection that ends with the block."""
    opened = Post(server)
    try:
        opened.open()
        yield opened
    finally:
        opened.close()


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.ca:
        context.load_verify_locations(server.ca)
    if server.tls == TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        if server.tls == STARTTLS:
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _away(server: Server, error: Exception) -> OutsideError:
    said = error.smtp_error if isinstance(error, smtplib.SMTPResponseException) else str(error)
    return OutsideError(
        Fault(
            code="mail-away",
            found=f"The mail server {server.host}:{server.port} cannot be used: {_plain(said)}",
            do="Look whether it runs there, speaks TLS as --tls says, and knows the user; then try again",
        )
    )


def _plain(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return "".join(each if each.isprintable() else " " for each in text)[:300]


def _secret(text: str) -> str:
    match = re.fullmatch(r"\$(?:\{(\w+)\}|(\w+))", text)
    return os.environ.get(match[1] or match[2], "") if match else ""


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
