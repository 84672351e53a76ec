"""Certificates: which are taken, and what is said of those that are not."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from cxport.domain.errors import CertificateRefused, InvalidInput
from cxport.sealing.certificate import (
    check_usable,
    make_certificate,
    parse_certificates,
    read_recipients,
)
from tests.sealing.samples import Owner

_NOW = datetime.now(UTC)
_SIGNS_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def _certificate(
    key: _Key,
    *,
    start: datetime = _NOW - timedelta(days=1),
    end: datetime = _NOW + timedelta(days=1),
    usage: x509.KeyUsage | None = None,
) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody")])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), 4711)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if usage:
        builder = builder.add_extension(usage, critical=True)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(Encoding.PEM)


def _refusal(data: bytes, now: datetime = _NOW) -> str:
    with pytest.raises(CertificateRefused) as refused:
        parse_certificates(data, now)
    return refused.value.message


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def test_pem_and_der_are_the_same_recipient(alice: Owner) -> None:
    """What is known of a certificate does not depend on how the file was written."""
    pem = alice.certificate_file.read_bytes()
    (recipient,) = parse_certificates(pem, _NOW)

    assert parse_certificates(_der(pem), _NOW) == (recipient,)
    assert parse_certificates(b"Bag Attributes\r\n" + pem.replace(b"\n", b"\r\n"), _NOW) == (
        recipient,
    )
    assert recipient == alice.recipient
    assert recipient.pem.encode() == pem


def test_a_recipient_says_what_openssl_says(alice: Owner) -> None:
    """Fingerprint, serial, names and key size are what `openssl x509` prints."""
    options = ["-fingerprint", "-sha256", "-serial", "-subject", "-issuer", "-noout"]
    command = ["openssl", "x509", "-in", str(alice.certificate_file), *options]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    told = dict(line.split("=", 1) for line in printed.splitlines())
    recipient = alice.recipient

    assert recipient.fingerprint == told["sha256 Fingerprint"].replace(":", "").lower()
    assert int(recipient.serial, 16) == int(told["serial"], 16)
    assert (recipient.subject, recipient.issuer) == ("CN=alice", "CN=alice")
    assert (told["subject"], told["issuer"]) == ("CN = alice", "CN = alice")
    assert recipient.key_bits == 2048


def test_several_in_one_file_all_become_recipients(alice: Owner, bob: Owner) -> None:
    """Each certificate of a PEM file is taken, once, in its order."""
    pems = [owner.certificate_file.read_bytes() for owner in (bob, alice, bob)]

    assert parse_certificates(b"".join(pems), _NOW) == (bob.recipient, alice.recipient)


def test_one_bad_certificate_refuses_the_file(alice: Owner) -> None:
    """No certificate of a file is left out silently: the one that will not do is named."""
    bad = _certificate(alice.key, end=_NOW - timedelta(hours=1))

    assert _refusal(alice.certificate_file.read_bytes() + bad).startswith(
        "certificate 2 of the file has expired"
    )


@pytest.mark.parametrize("data", [b"", b"\x30", b"hello", b"-----BEGIN CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(data: bytes, alice: Owner) -> None:
    """Anything else is called what it is not."""
    assert _refusal(data) == "the file is not an X.509 certificate"
    der = _der(alice.certificate_file.read_bytes())
    assert _refusal(der[:-1]) == _refusal(der + b"\0") == _refusal(data)


def test_a_large_file_is_refused(alice: Owner) -> None:
    """Above 64 KiB nothing is looked at."""
    pem = alice.certificate_file.read_bytes()
    padded = pem + b"\n" * (64 * 1024 - len(pem))

    assert parse_certificates(padded, _NOW)
    assert "64 KiB" in _refusal(padded + b"\n")


@pytest.mark.parametrize("lock", [NoEncryption(), BestAvailableEncryption(b"secret")])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_private_keys_are_refused(
    lock: KeySerializationEncryption, encoding: Encoding, alice: Owner
) -> None:
    """A private key in any form, alone or beside its certificate, is named, and not repeated."""
    key = alice.key.private_bytes(encoding, PrivateFormat.PKCS8, lock)
    certificate = x509.load_pem_x509_certificate(alice.certificate_file.read_bytes())
    files = [key, serialize_key_and_certificates(b"alice", alice.key, certificate, None, lock)]
    if encoding is Encoding.PEM:
        files += [alice.certificate_file.read_bytes() + key]

    for data in files:
        message = _refusal(data)
        assert message.startswith("the file holds a private key")
        assert not any(
            line.decode() in message for line in data.split(b"\n") if line.isascii() and line
        )


def test_traditional_private_keys_are_refused(alice: Owner) -> None:
    """Older forms of private keys are recognised as well."""
    curve = ec.generate_private_key(ec.SECP256R1())
    for key in (alice.key, curve):
        for encoding in (Encoding.PEM, Encoding.DER):
            data = key.private_bytes(encoding, PrivateFormat.TraditionalOpenSSL, NoEncryption())
            assert _refusal(data).startswith("the file holds a private key")


def test_keys_that_cannot_encrypt_are_refused(carol: Owner, tmp_path: Path) -> None:
    """Other kinds of key and short RSA keys are refused with their kind or their length."""
    curve = _certificate(ec.generate_private_key(ec.SECP256R1()))
    edwards = _certificate(ed25519.Ed25519PrivateKey.generate())

    assert _refusal(curve) == "the certificate has an EC key, not one for RSA encryption"
    assert _refusal(edwards) == "the certificate has an Ed25519 key, not one for RSA encryption"
    assert "1024 bits" in _refusal(_certificate(carol.key))
    pss = tmp_path / "pss.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa-pss", "-nodes", "-subj", "/CN=x"),
            *("-keyout", str(tmp_path / "key"), "-out", str(pss)),
        ],
        capture_output=True,
        check=True,
    )
    assert "RSASSA-PSS (signing) key" in _refusal(
        pss.read_bytes(), datetime.now(UTC) + timedelta(seconds=5)
    )


def test_key_usage_is_respected(alice: Owner) -> None:
    """A certificate for signatures alone is refused; one that says nothing of its use is taken."""
    assert "keyEncipherment" in _refusal(_certificate(alice.key, usage=_SIGNS_ONLY))
    assert parse_certificates(_certificate(alice.key), _NOW)


def test_the_time_of_validity_is_respected(alice: Owner) -> None:
    """Expired and not yet valid certificates are refused with the date, to the second."""
    start = _NOW.replace(microsecond=0)
    end = start + timedelta(days=1)
    data = _certificate(alice.key, start=start, end=end)
    second = timedelta(seconds=1)

    assert parse_certificates(data, start)
    assert parse_certificates(data, end)
    assert f"expired: on {end:%Y-%m-%d %H:%M} UTC" in _refusal(data, end + second)
    assert f"not valid before {start:%Y-%m-%d %H:%M} UTC" in _refusal(data, start - second)


def test_a_stored_certificate_can_expire(alice: Owner) -> None:
    """What was accepted is read again at any time, and checked for the time of a run."""
    (recipient,) = read_recipients(alice.recipient.pem.encode())
    check_usable(recipient, _NOW)
    with pytest.raises(CertificateRefused, match="has expired"):
        check_usable(recipient, _NOW + timedelta(days=31))
    with pytest.raises(CertificateRefused, match="not valid before"):
        check_usable(replace(recipient, not_before=_NOW + timedelta(days=1)), _NOW)


def test_a_made_certificate_is_accepted() -> None:
    """Our own certificates pass our own rules at once, and the key belongs to them."""
    key_pem, certificate_pem = make_certificate("Contact centre Zürich", 365)
    (recipient,) = parse_certificates(certificate_pem, datetime.now(UTC))
    key = load_pem_private_key(key_pem, None)
    certificate = x509.load_pem_x509_certificate(certificate_pem)

    assert key.public_key() == certificate.public_key()
    assert recipient.subject == "CN=Contact centre Zürich"
    assert recipient.key_bits == 3072
    lifetime = recipient.not_after - datetime.now(UTC)
    assert timedelta(days=364, hours=23) < lifetime <= timedelta(days=365)


@pytest.mark.parametrize(("name", "days"), [("", 1), ("x" * 65, 1), ("x", 0), ("x", 36_501)])
def test_impossible_certificates_are_not_made(name: str, days: int) -> None:
    """A name or a lifetime that no certificate can have is refused by its own name."""
    with pytest.raises(InvalidInput):
        make_certificate(name, days)
