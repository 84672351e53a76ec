"""Links of the storage itself, as an option, before a storage that refuses a forwarded header."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import httpx2
import pytest

from cxport.blobs import BlobSettings, signer
from tests.api.installation import Account, Installation
from tests.blobs.strict_s3 import REFUSAL, strict
from tests.servers import S3Server

CONTENT = bytes(range(256)) * 4000
Install = Callable[..., AbstractContextManager[Installation]]


@pytest.fixture
def storage(s3: S3Server, s3_settings: BlobSettings) -> Iterator[BlobSettings]:
    """Give a storage that answers 400 to a signature together with an Authorization header."""
    with strict(s3) as between:
        yield replace(s3_settings, endpoint=between.endpoint)


def _followed(account: Account, path: str, *, forwarding: bool) -> httpx2.Response:
    """Follow a redirect as scripts do, with their headers all the way or without."""
    location = account.get(path).headers["location"]
    headers = account.headers if forwarding else {}
    if location.startswith("https://export.example/"):
        return account.installation.client.get(location, headers=headers)
    return httpx2.get(location, headers=headers)


@pytest.mark.parametrize("forwarding", [True, False])
def test_our_links_work_with_a_forwarded_header(
    install: Install, storage: BlobSettings, *, forwarding: bool
) -> None:
    """By default a script that sends its headers along gets the file, whatever the storage is."""
    with install(storage=storage) as own:
        tenant = own.new_tenant()
        _, files = tenant.finished_run(CONTENT)

        answer = _followed(tenant, f"/files/{files[0].name}", forwarding=forwarding)

        assert (answer.status_code, answer.content) == (200, CONTENT)


def test_links_of_the_storage_refuse_a_forwarded_header(
    install: Install, storage: BlobSettings
) -> None:
    """As the documentation of the setting says; without the header they give the file."""
    with install(storage=storage, signer=signer(storage)) as own:
        tenant = own.new_tenant()
        _, files = tenant.finished_run(CONTENT)
        path = f"/files/{files[0].name}"

        refused = _followed(tenant, path, forwarding=True)
        answer = _followed(tenant, path, forwarding=False)

        assert (refused.status_code, refused.content) == (400, REFUSAL)
        assert (answer.status_code, answer.content) == (200, CONTENT)
        assert f'filename="{files[0].name}"' in answer.headers["content-disposition"]


def test_links_of_the_storage_die_with_the_file(install: Install, storage: BlobSettings) -> None:
    """Single ones and those of a list; a manifest, which is no object, keeps a link of ours."""
    with install(storage=storage, signer=signer(storage)) as own:
        tenant = own.new_tenant()
        _, files = tenant.finished_run(CONTENT)
        name = files[0].name
        manifest = name.split(".")[0] + ".manifest.json"
        link = tenant.get("/files", params={"filename": name}).json()["path"]
        assert link.startswith(storage.endpoint)
        assert "X-Amz-Expires=900&" in link
        assert httpx2.get(link).content == CONTENT
        ours = tenant.get(f"/files/{manifest}").headers["location"]
        assert ours.startswith("https://export.example/links/")

        assert tenant.call("DELETE", f"/files/{name}").status_code == 204

        assert httpx2.get(link).status_code == 404


def test_a_link_of_the_storage_does_not_outlive_the_retention(
    install: Install, storage: BlobSettings
) -> None:
    """Half a minute before a file expires, its links live for half a minute."""
    with install(storage=storage, signer=signer(storage)) as own:
        tenant = own.new_tenant()
        _, files = tenant.finished_run(CONTENT)
        own.clock.advance(days=30, seconds=-30)
        tenant.token = tenant.sign_in(grant_type="client_credentials").json()["access_token"]

        location = tenant.get(f"/files/{files[0].name}").headers["location"]

        seconds = int(location.partition("X-Amz-Expires=")[2].partition("&")[0])
        assert 0 < seconds <= 30
