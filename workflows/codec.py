"""How values travel through Temporal: msgspec JSON, compressed, and encrypted with a key of the tenant's own.

Ids, types, search attributes and update ids are never encrypted by Temporal: they are opaque (`workflows.ports`). Everything else is,
failure messages included. A payload without a tenant is refused rather than passed through in clear.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    BinaryNullPayloadConverter,
    BinaryPlainPayloadConverter,
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    EncodingPayloadConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)

ENCRYPTED = b"binary/waymark-aesgcm"
WORTH_COMPRESSING = 256  # bytes; below it zstd only adds


class KeyMissing(Exception):  # noqa: N818 - it says what is so
    """A payload names a key that this process does not hold, or belongs to another tenant. Never answered in clear."""


@dataclass(frozen=True)
class Keys:
    """The ring of master keys, the first for writing; each tenant's key is derived from them (HKDF-SHA-256)."""

    ring: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, text: str) -> Keys:
        """From `id:base64[,id:base64...]`, 32 bytes each.

        Raises:
            ValueError: not of that form.
        """
        ring = []
        for part in text.split(","):
            kid, _, encoded = part.strip().partition(":")
            key = base64.b64decode(encoded, validate=True)
            if not kid or len(key) != 32:
                raise ValueError("a codec key is `id:` and 32 bytes in base64")
            ring.append((kid, key))
        return cls(tuple(ring))

    def cipher(self, tenant: str, kid: str | None = None) -> tuple[str, AESGCM]:
        """The cipher of a tenant, with the current key or a named one. Raises KeyMissing."""
        return self._derived(f"waymark tenant {tenant}", None, kid)

    def of_file(self, tenant: str, salt: bytes, kid: str | None = None) -> tuple[str, AESGCM]:
        """The cipher of one file with a tenant's rows: the salt, new for each file, makes it the file's own. Raises KeyMissing."""
        return self._derived(f"waymark file of {tenant}", salt, kid)

    def _derived(self, purpose: str, salt: bytes | None, kid: str | None) -> tuple[str, AESGCM]:
        for name, master in self.ring:
            if kid is None or name == kid:
                return name, AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=purpose.encode()).derive(master))
        raise KeyMissing(f"no key {kid}")


class TenantCodec(PayloadCodec, WithSerializationContext):
    """Compresses and encrypts every payload for the tenant whose workflow it belongs to."""

    def __init__(self, keys: Keys, tenant: str = "") -> None:
        self._keys, self._tenant = keys, tenant
        self._ciphers: dict[str, AESGCM] = {}
        self._current = ""

    def with_context(self, context: SerializationContext) -> TenantCodec:
        """The codec of the tenant that the workflow id names."""
        tenant, mark, _ = (getattr(context, "workflow_id", None) or "").partition(":")
        return self if not mark or tenant == self._tenant else TenantCodec(self._keys, tenant)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encode(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decode(payload) for payload in payloads]

    def _cipher(self, kid: str | None) -> AESGCM:
        if kid is None and self._current:
            kid = self._current
        if kid is None or kid not in self._ciphers:
            found, cipher = self._keys.cipher(self._tenant, kid)
            self._ciphers[found] = cipher
            self._current = self._current or found
            kid = found
        return self._ciphers[kid]

    def _encode(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") == b"binary/null":
            return payload
        if not self._tenant:
            raise KeyMissing("a payload without a tenant cannot be sent")
        raw = payload.SerializeToString()
        packed = zstandard.compress(raw) if len(raw) >= WORTH_COMPRESSING else raw
        small = len(packed) < len(raw)
        nonce = os.urandom(12)
        sealed = self._cipher(None).encrypt(nonce, packed if small else raw, self._tenant.encode())
        metadata = {"encoding": ENCRYPTED, "kid": self._current.encode(), **({"zstd": b"1"} if small else {})}
        return Payload(metadata=metadata, data=nonce + sealed)

    def _decode(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCRYPTED:
            return payload
        cipher = self._cipher(payload.metadata["kid"].decode())
        try:
            raw = cipher.decrypt(payload.data[:12], payload.data[12:], self._tenant.encode())
        except InvalidTag:
            raise KeyMissing("this payload was not sealed for this tenant") from None
        return Payload.FromString(zstandard.decompress(raw) if "zstd" in payload.metadata else raw)


class MsgspecConverter(EncodingPayloadConverter):
    """`json/plain` on the wire, so that every Temporal tool reads it once it is decrypted; strict and fast by msgspec."""

    def __init__(self) -> None:
        self._decoders: dict[Any, msgspec.json.Decoder[Any]] = {}

    @property
    def encoding(self) -> str:
        return "json/plain"

    def to_payload(self, value: Any) -> Payload | None:
        try:
            return Payload(metadata={"encoding": b"json/plain"}, data=msgspec.json.encode(value))
        except TypeError:
            return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        decoder = self._decoders.get(type_hint)
        if decoder is None:
            decoder = msgspec.json.Decoder(Any if type_hint is None else type_hint)
            self._decoders[type_hint] = decoder
        return decoder.decode(payload.data)


class WaymarkPayloadConverter(CompositePayloadConverter):
    """Nothing, bytes, and msgspec JSON."""

    def __init__(self) -> None:
        super().__init__(BinaryNullPayloadConverter(), BinaryPlainPayloadConverter(), MsgspecConverter())


def data_converter(keys: Keys) -> DataConverter:
    """The converter for every client and worker."""
    return DataConverter(
        payload_converter_class=WaymarkPayloadConverter,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
        payload_codec=TenantCodec(keys),
    )
