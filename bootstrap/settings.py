"""Every setting of Waymark, from environment variables that begin with WAYMARK_. What a process does not need may stay unset."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bootstrap.faults import StackFault

WORKER_GRACE_SECONDS = 10  # how long a stopping worker may finish what it has begun


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix="WAYMARK_", frozen=True, extra="ignore")

    home: Path = Path(".waymark")  # the embedded stack's data; also the file outbox
    port: int = 8000
    ui_port: int = 8233  # of Temporal's own pages, in the embedded stack
    database_url: SecretStr = SecretStr("")
    database_owner_url: SecretStr = SecretStr("")  # for migrations and seeds only
    database_pool: int = 8
    allow_unsafe_database: bool = False  # for tests: durability off
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_api_key: SecretStr = SecretStr("")
    temporal_tls_cert: Path | None = None
    temporal_tls_key: Path | None = None
    temporal_tls_ca: Path | None = None
    codec_keys: SecretStr = SecretStr("")  # id:base64 of 32 bytes, the first one writes
    issuers: str = ""  # separated by commas or spaces
    audience: str = "waymark"
    embedded_issuer: bool = False  # the API serves its own issuer, on loopback only
    introspection: bool = True
    only_trusted: bool = False  # WAYMARK_ONLY_TRUSTED=on: only the documents in graphql_api/trusted are answered
    compiled: bool = True  # WAYMARK_COMPILED=off: every GraphQL document is executed by graphql-core alone
    allowed_origins: str = ""  # of pages elsewhere that may ask the API, separated by commas or spaces; its own pages always may
    webhooks_anywhere: bool = False  # for training and tests: webhooks may go to this machine and network, and without TLS
    smtp_url: SecretStr = SecretStr("")
    sender: str = "no-reply@waymark.invalid"
    build_id: str = ""  # the worker's version; empty: no worker versioning

    def need(self, *names: str) -> None:
        """Raise StackFault for settings that this process cannot do without."""
        for name in names:
            value = getattr(self, name)
            if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
                raise StackFault(
                    f"WAYMARK_{name.upper()} is not set.", "This process cannot start without it.", "set it, or use `waymark up`."
                )

    def issuer_list(self) -> tuple[str, ...]:
        """The addresses of the token issuers that are trusted."""
        return tuple(self.issuers.replace(",", " ").split())

    def origin_list(self) -> tuple[str, ...]:
        """The origins of pages elsewhere that may ask."""
        return tuple(self.allowed_origins.replace(",", " ").split())
