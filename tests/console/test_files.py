"""The list of files: found, fetched one after the other or by a script, and deleted."""

from __future__ import annotations

import html
import re
import subprocess
from datetime import timedelta

import pytest

from cxport.domain.access import Role
from tests.console.installation import HOSTILE, Console, Person, token_of


def names(page: str) -> list[str]:
    """Give the names in the order of the rows."""
    return re.findall(r'<td class="console-title"><a [^>]*>([^<]*)', page)


def test_each_file_with_all_that_is_known_of_it(served: Console, ann: Person) -> None:
    """Size, when it was made and goes, how many days are left, and its whole digest."""
    run, files = served.finished(ann, "Nightly", b"one", b"two and more")
    soon = served.clock() + timedelta(hours=30)
    served.finished(ann, "Old", b"three", expires_at=soon)
    client = served.signed_in(ann)
    page = client.get("/console/files?sort=name").text

    assert set(names(page)) >= {files[0].name, files[1].name}
    assert files[0].sha256 in page
    assert "12 B" in page
    assert "29 days left" in page
    assert "1 day left" in page
    assert "Part 1 of 2" in page
    assert f'href="/console/history/{run.id}"' in page
    assert len(names(client.get(f"/console/files?run={run.id}").text)) == 2
    assert names(client.get(f"/console/files?digest={files[1].sha256[:20]}").text) == [
        files[1].name
    ]
    assert len(names(client.get("/console/files?title=OLD").text)) == 1


@pytest.mark.parametrize(
    "key", ["name", "title", "source", "type", "size", "made", "until", "digest"]
)
def test_every_column_orders(served: Console, ann: Person, key: str) -> None:
    """Both ways, on both stores."""
    served.finished(ann, "Nightly", b"one", b"two")
    client = served.signed_in(ann)

    for sign in ("", "-"):
        assert len(names(client.get(f"/console/files?sort={sign}{key}").text)) == 2


def test_one_click_fetches_a_file(served: Console, ann: Person) -> None:
    """By a link of a minute; the file is what was sealed."""
    _, (file,) = served.finished(ann, "Nightly", b"sealed content")
    client = served.signed_in(ann)
    sent = client.get(f"/console/files/{file.name}")

    assert client.get(sent.headers["location"]).content == b"sealed content"
    for name in ("export-none.smime", "x'y", "<script>"):
        assert client.get(f"/console/files/{name}").status_code == 404


def test_many_are_fetched_from_a_page_of_links(served: Console, ann: Person) -> None:
    """Files and their manifests, each link whole; what is gone is told by name."""
    _, files = served.finished(ann, "Nightly", b"one", b"two")
    client = served.signed_in(ann)
    asked = [file.name for file in files]
    form = {"token": token_of(client.get("/console/files")), "ids": [*asked, "export-gone.smime"]}
    page = client.post("/console/files/download", data=form).text
    links = [html.unescape(href) for href in re.findall(r'href="([^"]+)" download', page)]

    assert [client.get(link).content for link in links] == [b"one", b"two", b'{"parts": []}']
    assert "export-gone.smime: This is not there, or no longer." in page
    assert client.post("/console/files/download", data={**form, "ids": []}).status_code == 303


def test_scripts_name_every_file_and_no_secret(served: Console, ann: Person) -> None:
    """A shell takes them as they are; digests are in the one that has no manifest to go by."""
    _, files = served.finished(ann, "Nightly", b"one", b"two")
    client = served.signed_in(ann)
    asked = [file.name for file in files]
    form = {"token": token_of(client.get("/console/files")), "ids": asked}
    page = client.post("/console/files/script", data=form).text
    scripts = [html.unescape(text) for text in re.findall(r"<code>(.*?)</code>", page, re.DOTALL)]

    assert len(scripts) == 2
    for script in scripts:
        assert all(name in script for name in asked)
        assert "https://console.example" in script
        assert ann.password not in script
        checked = subprocess.run(["sh", "-n"], input=script, text=True, check=False)
        assert checked.returncode == 0
    assert all(f"{file.sha256} {file.name}" in scripts[1] for file in files)
    assert "/links/" not in page


def test_many_are_deleted_after_a_page_has_asked(served: Console, ann: Person) -> None:
    """From the storage too; one that is gone is told by name."""
    _, files = served.finished(ann, "Nightly", b"one", b"two")
    client = served.signed_in(ann)
    form = {
        "token": token_of(client.get("/console/files")),
        "ids": [files[0].name, "export-gone.smime"],
        "back": "/console/files",
    }
    assert "Delete these files? (2)" in client.post("/console/files/delete", data=form).text
    assert served.blobs.size(files[0].object_key) == 3
    client.post("/console/files/delete", data={**form, "confirmed": "true"})
    page = client.get("/console/files").text

    assert "Deleted: 1." in page
    assert "<li>export-gone.smime: This is not there, or no longer.</li>" in page
    assert names(page) == [files[1].name]


def test_a_viewer_sees_files_and_fetches_none(served: Console, ann: Person) -> None:
    """No button that would be refused, and no link."""
    _, (file,) = served.finished(ann, "Nightly", b"sealed")
    viewer = served.signed_in(served.person(Role.VIEWER, tenant=ann.tenant))
    page = viewer.get("/console/files")

    assert file.name in page.text
    assert f'href="/console/files/{file.name}"' not in page.text
    assert "/console/files/delete" not in page.text
    assert viewer.get(f"/console/files/{file.name}").status_code == 403
    form = {"token": token_of(page), "ids": [file.name]}
    assert viewer.post("/console/files/download", data=form).status_code == 403


def test_another_tenants_files_are_not_there(served: Console, ann: Person) -> None:
    """Neither seen, nor fetched, nor deleted."""
    _, (file,) = served.finished(ann, HOSTILE, b"sealed")
    other = served.signed_in(served.person())
    form = {"token": token_of(other.get("/console/files")), "ids": [file.name]}

    assert names(other.get("/console/files").text) == []
    assert other.get(f"/console/files/{file.name}").status_code == 404
    assert other.post("/console/files/download", data=form).status_code == 303
    other.post("/console/files/delete", data={**form, "confirmed": "true"})
    mine = served.signed_in(ann).get("/console/files").text
    assert names(mine) == [file.name]
    assert "<script>alert" not in mine
