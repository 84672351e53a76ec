"""Links of the storage itself: what signs them, and what a real S3 server makes of them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import httpx2
import pytest

from cxport.blobs import BlobSettings, connect, signer
from cxport.blobs.presign import disposition
from cxport.domain.errors import SetupError

CONTENT = b"sealed" * 1000
MINUTE = timedelta(minutes=1)
NAMES = ("plain.smime", "Übersicht März.smime", "отчёт.smime", "日本語 'a' (1).smime", "😀.zip")


@pytest.mark.parametrize("name", NAMES)
def test_the_storage_hands_the_object_out_under_its_name(
    s3_settings: BlobSettings, name: str
) -> None:
    """To a client that sends no header at all; the name is right in any script."""
    connect(s3_settings).put("run/1", [CONTENT])

    answer = httpx2.get(signer(s3_settings).link("run/1", name, MINUTE, datetime.now(UTC)))

    assert (answer.status_code, answer.content) == (200, CONTENT)
    said = answer.headers["content-disposition"]
    assert said == disposition(name)
    assert unquote(said.partition("filename*=UTF-8''")[2]) == name


def test_a_link_opens_its_own_object_for_its_time(s3_settings: BlobSettings) -> None:
    """Another key, another name in it, or a second too late: refused; a deleted object: gone."""
    blobs = connect(s3_settings)
    for key in ("run/1", "run/2"):
        blobs.put(key, [CONTENT])
    signs, now = signer(s3_settings), datetime.now(UTC)
    link = signs.link("run/1", "a.smime", MINUTE, now)
    short = signs.link("run/1", "a.smime", timedelta(0), now)
    time.sleep(2)

    assert httpx2.get(link.replace("run/1", "run/2")).status_code == 403
    assert httpx2.get(link.replace("a.smime", "b.smime")).status_code == 403
    assert httpx2.get(short).status_code == 403
    assert httpx2.get(link).status_code == 200
    blobs.delete("run/1")
    assert httpx2.get(link).status_code == 404


@pytest.mark.parametrize(
    "settings",
    [
        BlobSettings(url="file:///srv/objects"),
        BlobSettings(url="s3://bucket/prefix"),
        BlobSettings(url="s3://bucket/prefix", access_key="a"),
    ],
)
def test_a_storage_that_signs_no_links_is_told_at_the_start(settings: BlobSettings) -> None:
    """A folder has none, and keys of the machine's role are not known here."""
    with pytest.raises(SetupError, match="links of the storage need"):
        signer(settings)


def test_amazon_is_addressed_where_no_endpoint_is_given() -> None:
    """In the bucket's region, and without the secret."""
    settings = BlobSettings(
        url="s3://bucket/prefix", region="eu-west-1", access_key="a", secret_key="s3cret"
    )
    signs = signer(settings)
    link = signs.link("run/1", "a", MINUTE, datetime(2026, 5, 1, tzinfo=UTC))

    assert link.startswith("https://s3.eu-west-1.amazonaws.com/bucket/prefix/run/1?X-Amz-Algor")
    assert "X-Amz-Date=20260501T000000Z&X-Amz-Expires=60&" in link
    assert "s3cret" not in link + repr(signs) + repr(replace(settings))
