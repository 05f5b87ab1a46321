"""Where letters and reminders go: a folder of files, or an SMTP server. At least once, under a name that shows a repetition.

Mail holds no personal data: it says that something is ready to be read after signing in. The letter itself is for the post, or the portal.
"""

from __future__ import annotations

import asyncio
import os
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit


class Delivery(Protocol):
    """A way out of the house."""

    async def letter(self, tenant: str, name: str, html: str, addresses: tuple[str, ...]) -> str:
        """Deliver a letter; where it went, for the record."""
        ...

    async def reminder(self, tenant: str, name: str, text: str, addresses: tuple[str, ...]) -> None:
        """Tell somebody of the authority that a date is near or has passed."""
        ...


class FileDelivery:
    """Letters as HTML files and reminders as text files, a folder a tenant."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def letter(self, tenant: str, name: str, html: str, addresses: tuple[str, ...]) -> str:
        return await asyncio.to_thread(self._write, tenant, f"{name}.html", html)

    async def reminder(self, tenant: str, name: str, text: str, addresses: tuple[str, ...]) -> None:
        await asyncio.to_thread(self._write, tenant, f"{name}.txt", text)

    def _write(self, tenant: str, name: str, text: str) -> str:
        folder = self._folder / tenant
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = folder / f".{name}.{os.getpid()}"
        unfinished.write_text(text, "utf-8")
        unfinished.replace(folder / name)  # whole or not at all
        return f"file:{tenant}/{name}"


class MailDelivery:
    """Keeps the letter as a file and tells each address, by mail, that it is ready."""

    def __init__(self, url: str, files: FileDelivery, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("an SMTP address is smtp://host:port or smtps://host:port")
        self._parts, self._files, self._sender = parts, files, sender

    async def letter(self, tenant: str, name: str, html: str, addresses: tuple[str, ...]) -> str:
        kept = await self._files.letter(tenant, name, html, addresses)
        if addresses:
            await asyncio.to_thread(self._send, name, "There is a new letter", "A new letter is ready. Sign in to read it.", addresses)
        return kept

    async def reminder(self, tenant: str, name: str, text: str, addresses: tuple[str, ...]) -> None:
        await asyncio.to_thread(self._send, name, "A date needs your attention", text, addresses)

    def _send(self, name: str, subject: str, text: str, addresses: tuple[str, ...]) -> None:
        secure = self._parts.scheme == "smtps"
        factory = smtplib.SMTP_SSL if secure else smtplib.SMTP
        host = self._parts.hostname or ""
        with factory(host, self._parts.port or (465 if secure else 25), timeout=20) as server:
            if self._parts.username:
                server.login(self._parts.username, self._parts.password or "")
            for address in addresses:
                message = EmailMessage()
                message["From"], message["To"], message["Subject"] = self._sender, address, subject
                message["Message-ID"] = f"<{name}.{abs(hash(address)):x}@waymark>"
                message.set_content(text)
                server.send_message(message)
