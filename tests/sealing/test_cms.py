"""The sealers: any bytes in any chunks come out, and no size is ever underestimated."""

from __future__ import annotations

import pytest
from asn1crypto import cms
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.errors import CertificateRefused, NotForThisKey
from cxport.sealing import schemes
from cxport.sealing.cms import new_sealer
from cxport.sealing.smime import decode_text
from tests.sealing.samples import (
    COMPAT_TEXT,
    FORMS,
    STRICT,
    Form,
    Owner,
    decrypt,
    seal,
)

# The opener looks at an archive's first bytes; whatever follows them is any bytes.
_START = b"PK\x03\x04"
_SEGMENT = 256 * 1024
_forms = pytest.mark.parametrize("form", FORMS, ids=str)


def _message(sealed: bytes, form: Form) -> list[bytes]:
    return list(decode_text([sealed])) if form.text else [sealed]


@_forms
@given(chunks=st.lists(st.binary(max_size=400), max_size=8))
def test_any_bytes_in_any_chunks_come_out(form: Form, carol: Owner, chunks: list[bytes]) -> None:
    """What is opened is what was sealed, however it was cut; the size is what was told."""
    data = _START + bytes(12) + b"".join(chunks)
    sealer = new_sealer(form.profile, [carol.recipient], text=form.text)
    told = sealer.bound(len(data))
    sealed = sealer.update(data[:16])
    sealed += b"".join(sealer.update(chunk) for chunk in chunks) + sealer.finalize()

    assert decrypt(_message(sealed, form), carol.key) == data
    assert len(sealed) == told


@_forms
@pytest.mark.parametrize("off", [-17, -16, -1, 0, 1])
def test_sizes_around_a_segment(form: Form, off: int, carol: Owner) -> None:
    """Where the content just fills its segments, nothing is lost and the size is right."""
    data = _START + bytes(2 * _SEGMENT + off - len(_START))
    told = new_sealer(form.profile, [carol.recipient], text=form.text).bound(len(data))
    sealed = seal(data, form, carol, chunk=100_000)

    assert decrypt(_message(sealed, form), carol.key) == data
    assert len(sealed) == told


@_forms
def test_bound_counts_what_was_written(form: Form, carol: Owner) -> None:
    """The bound tells the size of the whole file, whatever of it was written already."""
    sealer = new_sealer(form.profile, [carol.recipient], text=form.text)
    told = sealer.bound(1_000_000)
    sealer.update(bytes(300_000))

    assert sealer.bound(700_000) == told
    assert sealer.bound(699_999) <= told


@_forms
def test_every_recipient_can_open(form: Form, alice: Owner, bob: Owner, carol: Owner) -> None:
    """A file sealed to two opens for each of them, and for nobody else."""
    message = _message(seal(_START + bytes(100), form, alice, bob), form)

    assert decrypt(message, alice.key) == decrypt(message, bob.key) == _START + bytes(100)
    with pytest.raises(NotForThisKey):
        decrypt(message, carol.key)


def test_nobody_to_seal_to_is_refused() -> None:
    """There is no sealed file without a recipient."""
    with pytest.raises(CertificateRefused):
        new_sealer(COMPAT_TEXT.profile, [])


@_forms
def test_every_file_has_its_own_key(form: Form, carol: Owner) -> None:
    """The same archive sealed twice has nothing but its frame in common."""
    first, second = (
        b"".join(_message(seal(bytes(4096), form, carol), form))[-2000:-100] for _ in range(2)
    )

    assert sum(a == b for a, b in zip(first, second, strict=True)) < 100


def test_compat_is_the_documented_text(alice: Owner) -> None:
    """The text has the documented headers and lines no longer than MIME allows."""
    headers, _, body = seal(bytes(1000), COMPAT_TEXT, alice).partition(b"\n\n")

    assert headers.split(b"\n") == [
        b"MIME-Version: 1.0",
        b'Content-Disposition: attachment; filename="smime.p7m"',
        b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
        b"Content-Transfer-Encoding: base64",
    ]
    lines = body.split(b"\n")
    assert {len(line) for line in lines[:-2]} == {76}
    assert 0 < len(lines[-2]) <= 76
    assert lines[-1] == b""


@_forms
def test_an_independent_parser_reads_the_frame(form: Form, alice: Owner, bob: Owner) -> None:
    """Versions, algorithms and recipients are what the RFCs and data say, per asn1crypto."""
    sealed = b"".join(_message(seal(bytes(100), form, alice, bob), form))
    info = cms.ContentInfo.load(sealed)
    if form is STRICT:
        assert info["content_type"].dotted == "1.2.840.113549.1.9.16.1.23"
        return
    enveloped = info["content"]
    content = enveloped["encrypted_content_info"]
    infos = [info.chosen for info in enveloped["recipient_infos"]]
    serials = {info["rid"].chosen["serial_number"].native for info in infos}

    assert enveloped["version"].native == "v0"
    assert content["content_encryption_algorithm"]["algorithm"].native == "aes256_cbc"
    assert {info["key_encryption_algorithm"]["algorithm"].native for info in infos} == {
        "rsaes_pkcs1v15"
    }
    assert serials == {int(owner.recipient.serial, 16) for owner in (alice, bob)}


def test_oaep_is_read_as_older_writers_name_it(
    carol: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SHA-256 may be named with or without its NULL parameter (RFC 5754, 2)."""
    monkeypatch.setattr(schemes, "RSA_OAEP", schemes.RSA_OAEP_WITH_NULL)
    sealed = seal(_START + bytes(100), STRICT, carol)

    assert schemes.RSA_OAEP_WITH_NULL.identifier in sealed
    assert decrypt([sealed], carol.key) == _START + bytes(100)
