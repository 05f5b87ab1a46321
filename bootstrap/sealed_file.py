"""A file with an authority's rows: lines, compressed and sealed piece by piece with a key of its own, for its owner's eyes only.

The head says in clear whose it is and which master key is needed; every piece is bound to it and to its place, so that a file that was cut
short, mixed or changed is refused before its last piece is believed.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workflows.codec import KeyMissing, Keys

MAGIC = b"WAYMARK TENANT 1\n"
PIECE = 1024 * 1024  # bytes before sealing
LEVEL = 3


class BadFile(Exception):  # noqa: N818 - it says what is so
    """Nothing may be taken from this file; the text says why."""


@contextmanager
def sealed(path: Path, keys: Keys, tenant: str) -> Iterator[Callable[[str], None]]:
    """Write lines into a new file. It has its name once it is whole, and only its owner may read it.

    Raises:
        FileExistsError: something has that name already.
    """
    if path.exists():
        raise FileExistsError(str(path))
    salt = os.urandom(32)
    kid, cipher = keys.of_file(tenant, salt)
    head = MAGIC + json.dumps({"tenant": tenant, "kid": kid, "salt": salt.hex()}).encode() + b"\n"
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(head)
            pieces = _Sealing(file, cipher, head)
            with zstandard.ZstdCompressor(level=LEVEL).stream_writer(cast("IO[bytes]", pieces), closefd=False) as packed:

                def write(line: str) -> None:
                    packed.write(line.encode() + b"\n")

                yield write
            pieces.end()
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)  # fails where the name was taken meanwhile
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def opened(path: Path, keys: Keys) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The tenant whose file it is, and its lines.

    Raises:
        BadFile: no such file, a missing key, or one that was cut short or changed; also while the lines are read.
    """
    with path.open("rb") as file:
        head = file.readline(len(MAGIC))
        told = file.readline(4096)
        try:
            if head != MAGIC:
                raise ValueError
            said = json.loads(told)
            tenant, salt = str(said["tenant"]), bytes.fromhex(said["salt"])
            _, cipher = keys.of_file(tenant, salt, str(said["kid"]))
        except KeyMissing as missing:
            raise BadFile(f"It was sealed with a key that is not here ({missing}).") from None
        except (ValueError, KeyError, TypeError):
            raise BadFile("It is not a file that `waymark tenant export` wrote.") from None
        pieces = cast("IO[bytes]", _Opening(file, cipher, MAGIC + told))
        lines = zstandard.ZstdDecompressor().stream_reader(pieces)
        yield tenant, _told(cast("io.RawIOBase", lines))


def _told(lines: io.RawIOBase) -> Iterator[bytes]:
    try:
        yield from io.BufferedReader(lines, PIECE)
    except zstandard.ZstdError:
        raise BadFile("It cannot be unpacked: it was written wrongly.") from None


def _nonce(number: int, last: bool) -> bytes:
    """Twelve bytes: which piece, and whether it is the last. The key is the file's own, so that no number is used twice."""
    return number.to_bytes(11) + bytes([last])


class _Sealing(io.RawIOBase):
    """Takes bytes, and writes sealed pieces, each after its length."""

    def __init__(self, file: IO[bytes], cipher: AESGCM, head: bytes) -> None:
        self._file, self._cipher, self._head = file, cipher, head
        self._waiting, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def end(self) -> None:
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        sealed_piece = self._cipher.encrypt(_nonce(self._number, last), piece, self._head)
        self._file.write(len(sealed_piece).to_bytes(4) + sealed_piece)
        self._number += 1


class _Opening(io.RawIOBase):
    """Reads sealed pieces, and gives bytes."""

    def __init__(self, file: io.BufferedReader, cipher: AESGCM, head: bytes) -> None:
        self._file, self._cipher, self._head = file, cipher, head
        self._ready, self._number, self._ended = b"", 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            self._next()
        given = self._ready[: len(buffer)]
        buffer[: len(given)] = given
        self._ready = self._ready[len(given) :]
        return len(given)

    def _next(self) -> None:
        length = int.from_bytes(self._file.read(4))
        sealed_piece = self._file.read(length) if 16 <= length <= PIECE + 16 else b""
        self._ended = not self._file.peek(1)
        try:
            self._ready = self._cipher.decrypt(_nonce(self._number, self._ended), sealed_piece, self._head)
        except (InvalidTag, ValueError):
            raise BadFile("It was cut short or changed since it was written.") from None
        self._number += 1
