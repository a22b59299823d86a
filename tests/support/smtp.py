"""A mail server for tests: real SMTP on a socket, and what it got parsed as MIME."""

import asyncio
import base64
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default

import msgspec

from poolhouse.kit.mail import MailServer

SENDER = "Wiki <no-reply@pool.example>"


class Got(msgspec.Struct):
    """One mail as a server took it."""

    envelope: list[str]
    message: EmailMessage


class Smtp:
    """
    A mail server that takes everything; with *utf8* addresses of any letters, too.

    ``refusal`` is what it answers to a recipient instead, such as "550 No such mailbox"; ``login`` is filled by the
    user name and password that it was given, once it asks for them (*asks*).
    """

    def __init__(self, *, utf8: bool = True, asks: bool = False) -> None:
        self.utf8 = utf8
        self.asks = asks
        self.got: list[Got] = []
        self.refusal = ""
        self.login = b""

    @property
    def message(self) -> EmailMessage:
        """The one mail that it took."""
        (got,) = self.got
        return got.message

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        envelope: list[str] = []
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            match line[:4].upper():
                case "EHLO":
                    more = b"250-SMTPUTF8\r\n" * self.utf8 + b"250-AUTH PLAIN\r\n" * self.asks
                    writer.write(b"250-here\r\n250-8BITMIME\r\n" + more + b"250 HELP\r\n")
                case "AUTH":
                    self.login = base64.b64decode(line.split()[2])
                    writer.write(b"235 welcome\r\n")
                case "RCPT" if self.refusal:
                    writer.write(self.refusal.encode() + b"\r\n")
                case "RSET":
                    writer.write(b"250 good\r\n")
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    body = await reader.readuntil(b"\r\n.\r\n")
                    message = email.message_from_bytes(body[:-3].replace(b"\r\n..", b"\r\n."), policy=default)
                    assert isinstance(message, EmailMessage)
                    self.got.append(Got(envelope, message))
                    writer.write(b"250 taken\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                case _:
                    envelope.append(line)
                    writer.write(b"250 good\r\n")
        writer.close()


@asynccontextmanager
async def mail_server(*, utf8: bool = True, asks: bool = False) -> AsyncIterator[tuple[Smtp, MailServer]]:
    taking = Smtp(utf8=utf8, asks=asks)
    listening = await asyncio.start_server(taking.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    yield taking, MailServer(host="127.0.0.1", port=port, tls=False, sender=SENDER)
    listening.close()
