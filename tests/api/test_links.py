"""Links: what they open, for how long, and what they do not care about."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from cxport.domain.errors import NotFound
from cxport.services import ServiceSettings
from cxport.services.links import Links
from cxport.store.tables import files as file_rows
from tests.api.installation import Account, Installation, error_of
from tests.services.rings import ring_of

CONTENT = bytes(range(256)) * 4000


def _link(account: Account, name: str) -> str:
    location: str = account.get(f"/files/{name}").headers["location"]
    return location


@pytest.fixture
def sealed(tenant: Account) -> tuple[Account, str]:
    """Give a tenant and a link to a file of a megabyte."""
    _, files = tenant.finished_run(CONTENT)
    return tenant, _link(tenant, files[0].name)


def test_a_link_needs_nothing_and_gives_the_file(sealed: tuple[Account, str]) -> None:
    """Whole, named, and kept by nobody on the way."""
    account, link = sealed
    answer = account.installation.client.get(link)

    assert (answer.status_code, answer.content) == (200, CONTENT)
    name = link.rpartition("/")[2]
    expected = {
        "content-length": str(len(CONTENT)),
        "content-type": "application/octet-stream",
        "content-disposition": f'attachment; filename="{name}"',
        "accept-ranges": "bytes",
        "etag": f'"{hashlib.sha256(CONTENT).hexdigest()}"',
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    assert expected == {key: answer.headers[key] for key in expected}


@pytest.mark.parametrize("authorization", ["Bearer wrong", "Basic eDp5", "AWS4-HMAC-SHA256 x"])
def test_forwarded_headers_do_not_matter(sealed: tuple[Account, str], authorization: str) -> None:
    """Scripts send their headers along when they follow the redirect."""
    account, link = sealed
    headers = {"Authorization": authorization, "x-api-key": "cxp_wrong"}
    assert account.installation.client.get(link, headers=headers).status_code == 200


def test_a_script_that_follows_redirects_gets_the_file(tenant: Account) -> None:
    """One request, with its own headers all the way."""
    _, files = tenant.finished_run(CONTENT)
    answer = tenant.installation.client.get(
        f"/udm/v10/files/{files[0].name}", headers=tenant.headers, follow_redirects=True
    )
    assert answer.content == CONTENT


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=1000-", 1000, len(CONTENT)),
        ("bytes=-10", len(CONTENT) - 10, len(CONTENT)),
        (f"bytes=-{len(CONTENT) * 2}", 0, len(CONTENT)),
        (f"bytes=5-{len(CONTENT) * 2}", 5, len(CONTENT)),
        (f"bytes={len(CONTENT) - 1}-{len(CONTENT) - 1}", len(CONTENT) - 1, len(CONTENT)),
    ],
)
def test_a_range_gives_its_bytes(
    sealed: tuple[Account, str], asked: str, start: int, end: int
) -> None:
    """206 with exactly the span, as RFC 9110 counts it."""
    account, link = sealed
    answer = account.installation.client.get(link, headers={"Range": asked})

    assert (answer.status_code, answer.content) == (206, CONTENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "lines=0-1", "bytes=5-2", "bytes=-", "bytes=a-b", "bytes", "=0-1"]
)
def test_a_range_that_is_none_gives_the_whole(sealed: tuple[Account, str], asked: str) -> None:
    """Several, another unit or nonsense: the RFC lets the server ignore them."""
    account, link = sealed
    answer = account.installation.client.get(link, headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


@pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=-0", "bytes=99999999999-"])
def test_a_range_outside_is_416(sealed: tuple[Account, str], asked: str) -> None:
    """It says how long the file is."""
    account, link = sealed
    answer = account.installation.client.get(link, headers={"Range": asked})
    error_of(answer, 416)
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


def test_if_range_holds_a_range_to_the_same_file(sealed: tuple[Account, str]) -> None:
    """The file's own tag or date keeps the range; another one gives the whole."""
    account, link = sealed
    client = account.installation.client
    whole = client.get(link)
    for validator, status in (
        (whole.headers["etag"], 206),
        (whole.headers["last-modified"], 206),
        ('"other"', 200),
        (f"W/{whole.headers['etag']}", 200),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 200),
    ):
        answer = client.get(link, headers={"Range": "bytes=0-9", "If-Range": validator})
        assert answer.status_code == status, validator


def test_head_tells_without_sending(sealed: tuple[Account, str]) -> None:
    """The headers of the whole; a range means nothing to HEAD."""
    account, link = sealed
    client = account.installation.client
    answer = client.head(link, headers={"Range": "bytes=0-9"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["etag"] == client.get(link).headers["etag"]


def test_a_link_dies_after_a_minute(own: Installation) -> None:
    """It works in its last seconds, and not after."""
    account = own.new_tenant()
    _, files = account.finished_run(b"sealed")
    link = _link(account, files[0].name)
    own.clock.advance(seconds=55)
    assert own.client.get(link).status_code == 200
    own.clock.advance(seconds=6)
    error_of(own.client.get(link), 404)


def test_a_link_dies_with_its_file(sealed: tuple[Account, str]) -> None:
    """A deleted file has no links, whether its row or its object went first."""
    account, link = sealed
    db, blobs = account.installation.db, account.installation.blobs
    _, others = account.finished_run(b"other")
    other = _link(account, others[0].name)
    blobs.delete(others[0].object_key)
    error_of(account.installation.client.get(other), 404)
    name = link.rpartition("/")[2]
    with db.write() as connection:
        connection.execute(delete(file_rows).where(file_rows.c.name == name))
    error_of(account.installation.client.get(link), 404)


def test_a_link_opens_one_file(tenant: Account) -> None:
    """Its signature goes with no other name, of the same tenant or another."""
    _, files = tenant.finished_run(b"first", b"second")
    first, second = (_link(tenant, file.name) for file in files)
    mixed = first.rpartition("/")[0] + "/" + second.rpartition("/")[2]

    error_of(tenant.installation.client.get(mixed), 404)


def test_a_changed_link_opens_nothing(sealed: tuple[Account, str]) -> None:
    """Whichever character of the signed part is changed, or added, or taken away."""
    account, link = sealed
    start, token, name = link.rsplit("/", 2)
    changed = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        for place in range(len(token))
    ]
    for forged in [*changed, token + "A", token[:-1], token + "=", "A", "x" * 600]:
        answer = account.installation.client.get(f"{start}/{forged}/{name}")
        assert answer.status_code == 404, forged


def test_a_link_of_another_installation_opens_nothing(
    sealed: tuple[Account, str], install: Callable[..., AbstractContextManager[Installation]]
) -> None:
    """Each installation signs with its own key."""
    _, link = sealed
    with install() as other:
        error_of(other.client.get(link), 404)


def test_a_public_url_with_a_path_begins_its_links(
    install: Callable[..., AbstractContextManager[Installation]],
) -> None:
    """Behind a proxy that adds a path, links carry it."""
    settings = ServiceSettings(public_url="https://proxy.example/export/")
    with install(settings) as found:
        account = found.new_tenant()
        _, files = account.finished_run(b"x")
        assert _link(account, files[0].name).startswith("https://proxy.example/export/links/")


def test_other_methods_are_refused(sealed: tuple[Account, str]) -> None:
    """A link is for reading."""
    account, link = sealed
    answer: httpx2.Response = account.installation.client.delete(link)
    error_of(answer, 405)


@given(token=st.text(max_size=200), name=st.text(max_size=50))
def test_no_text_is_a_link_by_chance(token: str, name: str) -> None:
    """Whatever stands in a link, it is NotFound or genuine, never a crash."""
    links = Links(ring_of(b"k" * 32), "https://x", lambda: datetime.now(UTC))
    with pytest.raises(NotFound):
        links.tenant(token, name)
