"""The processes that run: the service (API, and a worker inside), or a worker alone."""

from __future__ import annotations

import gc
import ipaddress
import os
import signal
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING

import structlog

from cxport.bootstrap.installation import (
    Installation,
    blob_settings,
    initialise,
    is_initialised,
    open_installation,
    public_url,
    utc_now,
)
from cxport.bootstrap.logs import configure_logs
from cxport.bootstrap.monitoring import monitored
from cxport.bootstrap.notices import senders
from cxport.config import Settings
from cxport.domain.errors import SetupError
from cxport.domain.pulse import Pulse
from cxport.services.tenants import Credentials

if TYPE_CHECKING:
    import uvicorn

_log = structlog.get_logger()


def serve(
    settings: Settings,
    *,
    worker: bool = True,
    new_credentials_shown: Callable[[Credentials], None],
) -> None:
    """Serve until SIGTERM or SIGINT, with a worker inside unless told otherwise.

    The first start makes the installation and shows its credentials, once. Raises SetupError
    where it would be served to other hosts without TLS.
    """
    _check_transport(settings)
    configure_logs(settings)
    if not is_initialised(settings):
        new_credentials_shown(initialise(settings))
    wake, pulse = threading.Event(), Pulse() if worker else None
    with (
        open_installation(settings, wake.set, pulse) as installation,
        monitored(installation),
    ):
        server, listening = _prepared(installation)
        _log.info("serving", console=f"{public_url(settings)}/")
        with _working(installation, wake, pulse) if pulse else _beating(installation):
            _settle_garbage()
            _run(server, listening, at_exit=installation.services.watching.close)
    _leave()


def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; the data folder is made where there is none yet."""
    configure_logs(settings)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pulse = Pulse()
    with (
        open_installation(settings, pulse=pulse) as installation,
        monitored(installation),
        _working(installation, threading.Event(), pulse),
    ):
        _log.info("working")
        _settle_garbage()
        stop.wait()
    _leave()


def _settle_garbage() -> None:
    """Look for garbage from now on, where the start did not, and only in what comes from now on.

    The hundreds of thousands of objects that a start makes are there for good; to look through
    them again and again took a sixth of a start, and time ever after.
    """
    gc.freeze()
    gc.enable()


def _leave() -> None:
    """End the process, all being closed: threads of the engine that wait for a result would not.

    What they wait for is recorded, and waited for again by the next process.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _check_transport(settings: Settings) -> None:
    """Let no password or key travel in the clear to another host."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise SetupError("tls_cert and tls_key belong together: give both")
    if settings.tls_cert or settings.behind_proxy or _loopback(settings.host):
        return
    raise SetupError(
        f"host {settings.host} can be reached by others, and there is no TLS: give --tls-cert and"
        " --tls-key, or --behind-proxy with the addresses of the proxies that end TLS"
    )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _working(installation: Installation, wake: threading.Event, pulse: Pulse) -> Iterator[None]:
    from cxport.engine.resources import Resources
    from cxport.engine.worker import Worker

    settings = installation.settings
    worker = Worker(
        Resources(
            db=installation.db,
            box=installation.vault,
            blobs=installation.blobs,
            blob_settings=blob_settings(settings),
            signing_key=installation.signing_key,
            environment=os.environ,
            clock=utc_now,
            workers=settings.workers,
            part_rows=settings.part_rows,
            retention=timedelta(days=settings.retention_days),
            audit_retention=_days(settings.audit_retention_days),
            kept_parts=timedelta(days=settings.retry_days),
        ),
        settings.engine_url,
        settings.data,
        wake,
        pulse,
        senders(settings),
    )
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@contextmanager
def _beating(installation: Installation) -> Iterator[None]:
    """Let the others know of a service that has no worker inside."""
    from cxport.engine.heart import Heart

    heart = Heart(installation.db, str(uuid.uuid4()))
    heart.beat()
    heart.start()
    try:
        yield
    finally:
        heart.stop()


def _days(days: int) -> timedelta | None:
    return timedelta(days=days) if days else None


def _prepared(installation: Installation) -> tuple[uvicorn.Server, socket.socket]:
    """Make the server and listen; all that can be wrong with either is said before work begins."""
    import uvicorn

    from cxport.api.settings import ApiSettings
    from cxport.bootstrap.application import make_application

    settings = installation.settings
    proxied = bool(settings.behind_proxy)
    application = make_application(
        installation.services,
        ApiSettings(max_body_bytes=settings.body_cap),
        public_url(settings),
    )
    config = uvicorn.Config(
        application,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        proxy_headers=proxied,
        forwarded_allow_ips=settings.behind_proxy if proxied else [],
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=20,
    )
    try:
        config.load()
    except OSError:
        raise SetupError("tls_cert and tls_key: no such files, or not a PEM pair") from None
    return uvicorn.Server(config), _listening(settings)


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise SetupError(
            f"cannot listen on {settings.host}, port {settings.port}: {error.strerror}"
        ) from None


def _run(server: uvicorn.Server, listening: socket.socket, at_exit: Callable[[], None]) -> None:
    """Run until a signal, and come back then: the worker has yet to stop.

    The server's own way ends with the signal's default act, which is to end the process at once.
    `at_exit` ends the answers that go on, for which the server would wait.
    """
    vars(server)["capture_signals"] = nullcontext

    def exiting(number: int, frame: FrameType | None) -> None:
        server.handle_exit(number, frame)
        # in a thread, as the one that is interrupted may hold a lock
        threading.Thread(target=at_exit, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, exiting)
    server.run(sockets=[listening])
