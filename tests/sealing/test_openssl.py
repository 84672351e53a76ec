"""Plain OpenSSL opens what we seal, and we open what it seals."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxport.sealing.opener import open_sealed
from tests.sealing.samples import (
    COMPAT_BINARY,
    COMPAT_TEXT,
    FORMS,
    STRICT,
    Form,
    Owner,
    archive_of,
    seal,
)

_CMS = ["openssl", "cms", "-decrypt", "-inform", "DER"]
_DECRYPT = {
    COMPAT_TEXT: ["openssl", "smime", "-decrypt"],
    COMPAT_BINARY: _CMS,
    STRICT: _CMS,
}
_OAEP = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"]
_ENCRYPT = {
    "smime text": ["smime", "-aes256"],
    "smime text streamed": ["smime", "-aes256", "-stream"],
    "smime der": ["smime", "-aes256", "-outform", "DER"],
    "smime der streamed": ["smime", "-aes256", "-outform", "DER", "-stream"],
    "cms text": ["cms", "-aes256"],
    "cms der": ["cms", "-aes256", "-outform", "DER"],
    "cms der streamed": ["cms", "-aes256", "-outform", "DER", "-stream"],
    "cms text crlf": ["cms", "-aes256", "-crlfeol"],
    "cms key identifier": ["cms", "-aes256", "-keyid", "-outform", "DER"],
    "gcm der": ["cms", "-aes-256-gcm", "-outform", "DER"],
    "gcm der streamed": ["cms", "-aes-256-gcm", "-outform", "DER", "-stream"],
    "gcm text": ["cms", "-aes-256-gcm"],
    "gcm oaep": ["cms", "-aes-256-gcm", "-outform", "DER"],
    "cbc oaep streamed": ["cms", "-aes256", "-outform", "DER", "-stream"],
}


def _openssl_opens(sealed: bytes, form: Form, owner: Owner) -> bytes:
    command = [*_DECRYPT[form], "-inkey", str(owner.key_file)]
    return subprocess.run(command, input=sealed, capture_output=True, check=True).stdout


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("size", [0, 1, 16, 262_143, 1_000_000])
def test_openssl_opens_byte_for_byte(form: Form, size: int, alice: Owner, bob: Owner) -> None:
    """Each recipient opens each form with the documented command and the key alone."""
    data = bytes(at * at % 251 for at in range(size))
    sealed = seal(data, form, alice, bob, chunk=70_000)

    assert _openssl_opens(sealed, form, alice) == data
    assert _openssl_opens(sealed, form, bob) == data


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.binary(max_size=2000), form=st.sampled_from(FORMS))
def test_openssl_opens_any_bytes(data: bytes, form: Form, carol: Owner) -> None:
    """Whatever was sealed, OpenSSL gives back."""
    assert _openssl_opens(seal(data, form, carol), form, carol) == data


def test_openssl_opens_text_with_crlf(alice: Owner) -> None:
    """The text survives a transfer that turns LF into CRLF."""
    sealed = seal(b"archive" * 1000, COMPAT_TEXT, alice).replace(b"\n", b"\r\n")

    assert _openssl_opens(sealed, COMPAT_TEXT, alice) == b"archive" * 1000


@pytest.mark.parametrize("kind", _ENCRYPT)
def test_we_open_what_openssl_seals(kind: str, alice: Owner, bob: Owner, tmp_path: Path) -> None:
    """Text or DER, of definite or indefinite length, CBC or GCM, PKCS#1 or OAEP."""
    archive = archive_of({"a": bytes(100_000), "b": bytes(range(256)) * 100})
    certificates = [str(owner.certificate_file) for owner in (bob, alice)]
    if "oaep" in kind:
        certificates = [word for one in certificates for word in ("-recip", one, *_OAEP)]
    command = ["openssl", *_ENCRYPT[kind], "-encrypt", "-binary", *certificates]
    sealed = subprocess.run(command, input=archive, capture_output=True, check=True).stdout

    opened = open_sealed(io.BytesIO(sealed), alice.key, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == archive
    assert opened.members == ("a", "b")
