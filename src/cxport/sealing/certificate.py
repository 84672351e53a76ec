"""The certificates to which archives are sealed (the contract's Certificate row)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, PublicKeyAlgorithmOID

from cxport.domain.errors import CertificateRefused, Damaged, InvalidInput
from cxport.domain.said import Said
from cxport.sealing import ber

#: The largest certificate file that is looked at.
MAX_CERTIFICATE_BYTES = 64 * 1024
#: The RSA keys that are accepted, in bits; beyond the upper end OpenSSL refuses to work.
MIN_KEY_BITS, MAX_KEY_BITS = 2048, 16_384

_PEM = re.compile(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----.+?-----END (?:X509 )?CERTIFICATE-----", re.DOTALL
)
_KINDS = {
    PublicKeyAlgorithmOID.RSASSA_PSS: Said("an RSASSA-PSS (signing)"),
    PublicKeyAlgorithmOID.EC_PUBLIC_KEY: Said("an EC"),
    PublicKeyAlgorithmOID.ED25519: Said("an Ed25519"),
    PublicKeyAlgorithmOID.ED448: Said("an Ed448"),
    PublicKeyAlgorithmOID.DSA: Said("a DSA"),
}
_BAD_EXTENSIONS = (x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
_LONGEST_NAME = 64  # characters of a common name (RFC 5280, appendix A.1)
_MOST_DAYS = 36_500
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A certificate whose owner can open what is sealed to it. Holds nothing secret."""

    #: SHA-256 of the certificate's DER form, lower-case hex.
    fingerprint: str
    #: Distinguished names as RFC 4514 writes them.
    subject: str
    issuer: str
    #: Lower-case hex.
    serial: str
    #: Aware, UTC.
    not_before: datetime
    not_after: datetime
    key_bits: int
    #: The certificate itself, PEM.
    pem: str


def parse_certificates(data: bytes, now: datetime) -> tuple[Recipient, ...]:
    """Read the certificates of an uploaded file, PEM (one or several) or DER.

    Raises CertificateRefused where any of them could not be sealed to at the time `now`
    (aware), where there is none, and for a file that also holds a private key: such a file must
    not be kept anywhere.
    """
    if len(data) > MAX_CERTIFICATE_BYTES:
        raise CertificateRefused(
            Said("the file has {count} bytes, more than 64 KiB", count=len(data))
        )
    if _has_private_key(data):
        raise CertificateRefused(
            Said(
                "the file holds a private key: it was not stored. Upload the "
                "certificate alone, and treat a key that left its place as known to "
                "others"
            )
        )
    certificates = _load(data)
    places = [
        Said("certificate {number} of the file", number=number)
        for number in range(1, len(certificates) + 1)
    ]
    if len(places) == 1:
        places = [Said("the certificate")]
    recipients = [
        _checked(one, now, place) for one, place in zip(certificates, places, strict=True)
    ]
    return tuple({recipient.fingerprint: recipient for recipient in recipients}.values())


def read_recipients(data: bytes) -> tuple[Recipient, ...]:
    """Read certificates that were accepted before, whatever the time is now."""
    return tuple(_recipient(certificate) for certificate in _load(data))


def check_usable(recipient: Recipient, now: datetime) -> None:
    """Raise CertificateRefused, saying why, where nothing may be sealed to it at `now`."""
    _check_time(recipient, now, Said("the certificate"))


def make_certificate(common_name: str, days: int, bits: int = 3072) -> tuple[bytes, bytes]:
    """Make an RSA key and a self-signed certificate for it, valid from now for `days`.

    Returns the unencrypted private key (PKCS#8) and the certificate, both PEM. Raises
    InvalidInput for a name or a number of days that a certificate cannot have.
    """
    if not 1 <= len(common_name) <= _LONGEST_NAME:
        raise InvalidInput(
            "name", Said("the name cannot stand in a certificate"), Said("1 to 64 characters")
        )
    if not 1 <= days <= _MOST_DAYS:
        raise InvalidInput(
            "days", Said("the certificate cannot be valid so long"), Said("1 to 36,500 days")
        )
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_encipherment_only(), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key_pem, certificate.public_bytes(serialization.Encoding.PEM)


def _key_encipherment_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _has_private_key(data: bytes) -> bool:
    """Look for a private key in any usual form; nothing of it is kept."""
    return b"PRIVATE KEY" in data or _is_der_key(data) or _is_pkcs12(data)


def _is_der_key(data: bytes) -> bool:
    try:
        serialization.load_der_private_key(data, None)
    except (TypeError, UnsupportedAlgorithm):
        return True  # it lacks only its password, or is of an unusual kind
    except ValueError:
        return False
    return True


def _is_pkcs12(data: bytes) -> bool:
    """Recognise a PFX (RFC 7292, 4), without its password, by its version."""
    reader = ber.Reader([data])
    try:
        reader.enter(ber.SEQUENCE)
        return reader.element(ber.INTEGER) == ber.integer(3)
    except Damaged:
        return False


def _load(data: bytes) -> list[x509.Certificate]:
    try:
        if blocks := _PEM.findall(data):
            return [x509.load_pem_x509_certificate(block) for block in blocks]
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise CertificateRefused(Said("the file is not an X.509 certificate")) from None


def _checked(certificate: x509.Certificate, now: datetime, place: Said) -> Recipient:
    try:
        _check_key(certificate, place)
        _check_usage(certificate, place)
        recipient = _recipient(certificate)
    except (ValueError, UnsupportedAlgorithm, *_BAD_EXTENSIONS):
        raise CertificateRefused(Said("{place} is malformed", place=place)) from None
    _check_time(recipient, now, place)
    return recipient


def _check_key(certificate: x509.Certificate, place: Said) -> None:
    algorithm = certificate.public_key_algorithm_oid
    if algorithm != PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5:
        kind = _KINDS.get(algorithm, Said("another"))
        raise CertificateRefused(
            Said("{place} has {kind} key, not one for RSA encryption", place=place, kind=kind)
        )
    key = _rsa_key(certificate)
    if not MIN_KEY_BITS <= key.key_size <= MAX_KEY_BITS:
        raise CertificateRefused(
            Said(
                "{place} has an RSA key of {key_size} bits: it must have {least} to {most}",
                place=place,
                key_size=key.key_size,
                least=MIN_KEY_BITS,
                most=MAX_KEY_BITS,
            )
        )


def _check_usage(certificate: x509.Certificate, place: Said) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return  # without the extension a key may be used for anything (RFC 5280, 4.2.1.3)
    if not usage.key_encipherment:
        raise CertificateRefused(
            Said("{place} is not for encryption: its key usage lacks keyEncipherment", place=place)
        )


def _check_time(recipient: Recipient, now: datetime, place: Said) -> None:
    if now > recipient.not_after:
        raise CertificateRefused(
            Said(
                "{place} has expired: on {not_after}",
                place=place,
                not_after=_utc(recipient.not_after),
            )
        )
    if now < recipient.not_before:
        raise CertificateRefused(
            Said(
                "{place} is not valid before {not_before}",
                place=place,
                not_before=_utc(recipient.not_before),
            )
        )


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _rsa_key(certificate: x509.Certificate) -> rsa.RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise CertificateRefused(Said("the certificate's key is not RSA"))
    return key


def _recipient(certificate: x509.Certificate) -> Recipient:
    return Recipient(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key_bits=_rsa_key(certificate).key_size,
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
    )
