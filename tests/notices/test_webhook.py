"""Webhooks as a receiver sees them: signed, whole, and never longer than their time."""

from __future__ import annotations

import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from cxport.domain.notice import Attempt
from cxport.domain.said import Said
from cxport.notices import webhook
from cxport.notices.address import Receivers
from cxport.notices.signature import new_secret
from cxport.notices.webhook import Webhooks
from tests.notices.receiver import HOST, Received, a_message, receiving

LOOPBACK = Receivers.named(f"{HOST}/32")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for receiver.example, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.example")]), False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    return files


def sent(port: int, *keys: str, path: str = "/hook?token=1") -> Attempt:
    """Send a message to a receiver in the clear."""
    sender = Webhooks(LOOPBACK, ssl.create_default_context())
    return sender.send(a_message(f"http://{HOST}:{port}{path}", *keys), datetime.now(UTC))


def verified(key: str, got: Received) -> Any:
    """Check a message with the independent library."""
    return Webhook(key).verify(got.body, got.headers)


@pytest.mark.promise("S18")
def test_an_independent_library_verifies_it() -> None:
    """Id, timestamp and an HMAC over the raw body; another secret or body does not verify."""
    key = new_secret()
    with receiving() as receiver:
        attempt = sent(receiver.port, key)

    assert attempt == Attempt(delivered=True, answer=Said("answered 204"))
    (got,) = receiver.got
    assert verified(key, got)["data"] == {"runId": 7}
    assert got.path == "/hook?token=1"
    assert got.headers["webhook-id"] == "msg_1"
    assert got.headers["host"] == f"{HOST}:{receiver.port}"
    for other, changed in ((new_secret(), got.body), (key, got.body + b" ")):
        with pytest.raises(WebhookVerificationError):
            verified(other, Received(got.path, got.headers, changed))


@pytest.mark.promise("S18")
def test_two_secrets_sign_side_by_side() -> None:
    """While a secret is rotated, a receiver may know either."""
    keys = new_secret(), new_secret()
    with receiving() as receiver:
        sent(receiver.port, *keys)

    assert all(verified(key, receiver.got[0]) for key in keys)


@pytest.mark.promise("S18")
def test_an_old_message_is_refused() -> None:
    """The signature covers the time: five minutes later nobody can send it again."""
    key = new_secret()
    with receiving() as receiver:
        sender = Webhooks(LOOPBACK, ssl.create_default_context())
        address = f"http://{HOST}:{receiver.port}/"
        sender.send(a_message(address, key), datetime.now(UTC) - timedelta(minutes=6))

    with pytest.raises(WebhookVerificationError, match="too old"):
        verified(key, receiver.got[0])


def _over_tls(port: int, pair: tuple[Path, Path], host: str) -> Attempt:
    tls = ssl.create_default_context(cafile=pair[0])
    sender = Webhooks(Receivers(hosts=frozenset({host})), tls, lambda *_: [HOST])
    return sender.send(a_message(f"https://{host}:{port}/"), datetime.now(UTC))


def test_the_receiver_is_checked_by_its_name(pair: tuple[Path, Path]) -> None:
    """TLS goes to the address that was checked, under the name that was given."""
    with receiving(pair) as receiver:
        assert _over_tls(receiver.port, pair, "receiver.example").delivered
        other = _over_tls(receiver.port, pair, "other.example")

    assert other.answer == "the receiver's TLS was not accepted"
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [200, 201, 299, 300, 400, 404, 410, 429, 500, 503])
def test_only_2xx_is_delivered(status: int) -> None:
    """Anything else is tried again later."""
    with receiving() as receiver:
        receiver.status = status
        attempt = sent(receiver.port)

    assert attempt.delivered == (200 <= status < 300)
    assert attempt.answer.startswith(f"answered {status}")


def test_an_answer_is_not_read() -> None:
    """However long it is: the status is all that matters, and nothing of it is kept."""
    with receiving() as receiver:
        receiver.status, receiver.answer = 200, b"canary" * 10_000_000
        began = time.monotonic()
        attempt = sent(receiver.port)

    assert attempt == Attempt(delivered=True, answer=Said("answered 200"))
    assert time.monotonic() - began < 5


def test_a_receiver_that_does_not_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time is over the connection ends."""
    monkeypatch.setattr(webhook, "_TOTAL_SECONDS", 0.5)
    with receiving() as receiver:
        receiver.answering.clear()
        attempt = sent(receiver.port)

    assert attempt == Attempt(delivered=False, answer=Said("the receiver did not answer in time"))


def test_a_receiver_that_trickles_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that come one by one do not make the time longer."""
    import socket

    monkeypatch.setattr(webhook, "_TOTAL_SECONDS", 0.5)
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        def trickle() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    for _ in range(100):
                        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                        time.sleep(0.1)
                except OSError:
                    return

        thread = threading.Thread(target=trickle)
        thread.start()
        began = time.monotonic()
        attempt = sent(port)
        thread.join()

    assert not attempt.delivered
    assert time.monotonic() - began < 5


def test_nobody_there_is_an_answer() -> None:
    """A port that nobody listens on is said in words, without the address."""
    from tests.servers import free_port

    assert sent(free_port()) == Attempt(delivered=False, answer=Said("the connection failed"))
