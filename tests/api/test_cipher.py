"""`/cipher`: the certificate in force."""

from __future__ import annotations

from datetime import datetime

import httpx2
import pytest

from cxport.sealing.certificate import make_certificate
from tests.api.installation import Account, error_of


def test_an_upload_is_answered_with_its_name_and_comes_into_force(
    bare: Account, certificate: bytes
) -> None:
    """201 and the name as a JSON string; from then on GET describes it."""
    error_of(bare.get("/cipher"), 404)
    answer = bare.upload(certificate, "Our%20certificate.pem")

    assert (answer.status_code, answer.json()) == (201, "Our certificate.pem")
    found = bare.get("/cipher").json()
    assert datetime.fromisoformat(found.pop("lastModified")).tzinfo is not None
    assert {
        "ccid": bare.credentials.tenant,
        "name": "Our certificate.pem",
        "size": len(certificate),
    } == found


def test_the_newest_is_in_force(bare: Account, certificate: bytes) -> None:
    """A further upload takes its place, also under the same name."""
    bare.upload(certificate, "first.pem")
    other = make_certificate("other", 30, 2048)[1]
    bare.upload(other, "second.pem")

    assert bare.get("/cipher").json()["name"] == "second.pem"


def test_several_in_one_file_are_all_kept(bare: Account, certificate: bytes) -> None:
    """All become recipients."""
    other = make_certificate("other", 30, 2048)[1]
    assert bare.upload(certificate + other).status_code == 201


def test_a_private_key_is_refused_and_kept_nowhere(
    bare: Account,
    key_and_certificate: tuple[bytes, bytes],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Alone or with its certificate: 400, nothing stored, nothing of it logged or answered."""
    key, certificate = key_and_certificate
    secret = key.decode().splitlines()[3]
    for content in (key, certificate + key):
        answer = bare.upload(content)
        assert "private key" in error_of(answer, 400)["message"]
        assert secret not in answer.text
    error_of(bare.get("/cipher"), 404)
    printed = "".join(capfd.readouterr()) + caplog.text
    assert secret not in printed


@pytest.mark.parametrize("content", [b"", b"hello", b"\x30\x82", b"\x00" * 100])
def test_what_is_no_certificate_is_refused(bare: Account, content: bytes) -> None:
    """400 that names the form's field."""
    assert error_of(bare.upload(content), 400)["detail"]["field"] == "file"


@pytest.mark.parametrize(
    "name", ["..", ".", "a%5Cb", "a%00b", "a%0Ab", "x" * 256, "x" * 4096, "a%E2%80%AEb"]
)
def test_a_name_that_is_none_is_refused(bare: Account, certificate: bytes, name: str) -> None:
    """Names are kept as data; what could be a path or fool a reader is not taken."""
    quoted = name if name.strip(".") else name.replace(".", "%2E")
    error = error_of(bare.upload(certificate, quoted), 400)
    assert error["detail"]["field"] == "certificatefilename"
    error_of(bare.get("/cipher"), 404)


@pytest.mark.parametrize("name", ["a%2Fb", "..%2F..%2Fetc%2Fpasswd", "a/b"])
def test_a_slash_makes_another_path(bare: Account, certificate: bytes, name: str) -> None:
    """No operation has it, so it is 404."""
    error_of(bare.upload(certificate, name), 404)


def test_other_names_are_kept_as_they_are(bare: Account, certificate: bytes) -> None:
    """Spaces, other scripts and device names are only names."""
    for name in ("con", "zertifikat für uns.pem", "証明書.pem", "'; drop table--", "..."):
        assert bare.upload(certificate, name.replace("'", "%27")).json() == name
        assert bare.get("/cipher").json()["name"] == name


def _send(account: Account, **given: object) -> httpx2.Response:
    return account.call("POST", "/cipher/company.pem", **given)


def test_the_forms_field_must_be_file(bare: Account, certificate: bytes) -> None:
    """Another field, a text in its place and another body are 400 that name it."""
    answers = [
        _send(bare, files={"certificate": ("any", certificate)}),
        _send(bare, data={"file": certificate.decode()}),
        _send(bare, json={"file": "x"}),
        _send(bare),
    ]
    for answer in answers:
        assert error_of(answer, 400)["detail"]["field"] in {"file", "body"}


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b"nothing", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="file"', "multipart/form-data; boundary=x"),
    ],
)
def test_a_broken_form_is_400(bare: Account, content: bytes, content_type: str) -> None:
    """A body that is no form is the caller's mistake, never ours."""
    error_of(_send(bare, content=content, headers={"Content-Type": content_type}), 400)


def test_a_file_over_64_kib_is_413(bare: Account) -> None:
    """Just over the limit, and far over it: the first is read, the second is not."""
    error_of(bare.upload(b"x" * (64 * 1024 + 1)), 413)
    error_of(bare.upload(b"x" * 500_000), 413)
