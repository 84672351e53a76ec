"""An installation: made, and opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from cxport import blobs
from cxport.blobs.base import Blobs, BlobSettings
from cxport.bootstrap.master_key import has_master_key, master_keys, write_master_keys
from cxport.bootstrap.measuring import measuring
from cxport.bootstrap.probe import Probe, allowed_places
from cxport.config import Settings
from cxport.domain.errors import SetupError
from cxport.domain.pulse import Pulse
from cxport.notices.address import Receivers
from cxport.sealing.signature import new_signing_key, public_of
from cxport.sealing.vault import Vault, new_master_key
from cxport.services import Services, ServiceSettings, assemble
from cxport.services.tenants import Credentials
from cxport.store import database
from cxport.store.database import Database
from cxport.store.secrets import get_or_create


@dataclass(frozen=True, kw_only=True)
class Installation:
    """An installation that is open: close it by leaving `open_installation`."""

    settings: Settings
    db: Database
    vault: Vault
    blobs: Blobs
    services: Services

    @property
    def signing_key(self) -> bytes:
        """The key that signs manifests; the same in every process."""
        return get_or_create(self.db, self.vault, "manifest-key", new_signing_key)

    @property
    def public_key(self) -> bytes:
        """The key by which anyone checks a manifest."""
        return public_of(self.signing_key)


def initialise(settings: Settings, tenant: str = "default") -> Credentials:
    """Make the data folder, the master key, the store, a first tenant and its administrator.

    The credentials are shown once: only their digests are kept. Raises SetupError where the
    installation exists already.
    """
    if is_initialised(settings):
        raise SetupError("this installation exists already: nothing was changed")
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.data.chmod(0o700)
    if not settings.master_key.get_secret_value():
        write_master_keys(settings, [new_master_key()])
    with _opened(settings) as installation:
        if installation.services.tenants.list():
            raise SetupError("the store holds tenants already: give it its own master key")
        return installation.services.tenants.create_tenant(tenant)


def is_initialised(settings: Settings) -> bool:
    """Tell whether `initialise` has made this data folder or its store."""
    if not settings.database.get_secret_value():
        return (settings.data / "store.sqlite").exists()
    if not has_master_key(settings):
        return False
    with _opened(settings) as installation:
        return bool(installation.services.tenants.list())


@contextmanager
def open_installation(
    settings: Settings,
    on_queued: Callable[[], None] | None = None,
    pulse: Pulse | None = None,
) -> Iterator[Installation]:
    """Open an installation that `initialise` has made; SetupError where there is none.

    `on_queued` is called after a run was queued; `pulse` is that of a worker in this process.
    """
    if not is_initialised(settings):
        raise SetupError("there is no installation yet: make one with `cxport init --data DIR`")
    with _opened(settings, on_queued, pulse) as installation:
        yield installation


@contextmanager
def _opened(
    settings: Settings,
    on_queued: Callable[[], None] | None = None,
    pulse: Pulse | None = None,
) -> Iterator[Installation]:
    vault = Vault(master_keys(settings), lambda: master_keys(settings))
    db = database.connect(settings.database_url)
    try:
        db.migrate()
        storage = blobs.connect(blob_settings(settings))
        yield Installation(
            settings=settings,
            db=db,
            vault=vault,
            blobs=storage,
            services=assemble(
                db=db,
                box=vault,
                blobs=storage,
                settings=_service_settings(settings),
                receivers=Receivers.named(settings.webhook_receivers),
                clock=utc_now,
                measure=measuring(db, vault, blob_settings(settings), settings.part_rows),
                on_queued=on_queued,
                pulse=pulse,
                probe=Probe(db, vault),
                signer=blobs.signer(blob_settings(settings)) if settings.storage_links else None,
            ),
        )
    finally:
        db.close()


def utc_now() -> datetime:
    """Give the time, aware, in UTC."""
    return datetime.now(UTC)


def blob_settings(settings: Settings) -> BlobSettings:
    """Give where artifacts are kept."""
    return BlobSettings(
        url=settings.blobs_url,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
    )


def _service_settings(settings: Settings) -> ServiceSettings:
    return ServiceSettings(
        public_url=public_url(settings),
        page_cap=settings.page_cap,
        default_split_bytes=settings.split_bytes,
        max_split_bytes=settings.max_split_bytes,
        requests_per_minute=settings.requests_per_minute,
        session_idle_minutes=settings.session_idle_minutes,
        session_hours=settings.session_hours,
        providers=settings.identity_providers,
        allowed_places=allowed_places(settings),
        mail=bool(settings.smtp_host),
        retention_days=settings.retention_days,
    )


def public_url(settings: Settings) -> str:
    """Give the URL by which clients reach the service, without a slash at its end."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = "https" if settings.tls_cert else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{settings.port}"
