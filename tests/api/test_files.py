"""`/file-metadatas` and `/files/{filename}`."""

from __future__ import annotations

from datetime import timedelta

from cxport.api.instants import iso
from tests.api.installation import PUBLIC_URL, Account, Installation, error_of, names_of


def test_a_row_holds_what_there_is_to_know(tenant: Account) -> None:
    """One row for each part, as the contract's README lists its fields."""
    run, files = tenant.finished_run(b"first", b"second", title="Big")
    page = tenant.get("/file-metadatas").json()

    assert (page["count"], page["from"], page["size"]) == (2, 0, 10_000)
    first = files[0]
    assert page["items"][0] == {
        "name": first.name,
        "size": 5,
        "type": "UCS",
        "source": "History",
        "jobTitle": "Big",
        "jobId": run.job_id,
        "historyId": run.id,
        "uploadDate": iso(first.created_at),
        "expirationDate": iso(first.expires_at),
        "remainingDays": 30,
        "rows": 5,
        "sha256": first.sha256,
        "part": 1,
        "parts": 2,
    }


def test_no_files_are_an_empty_page(tenant: Account) -> None:
    """Here an empty list is 200 with count 0."""
    answer = tenant.get("/file-metadatas")
    assert (answer.status_code, answer.json()) == (
        200,
        {"count": 0, "from": 0, "items": [], "size": 10_000},
    )


def test_manifests_are_not_listed(tenant: Account) -> None:
    """Scripts would try to decrypt one."""
    tenant.finished_run(b"x")
    page = tenant.get("/file-metadatas?name=manifest").json()
    assert page["count"] == 0


def test_the_list_filters(tenant: Account) -> None:
    """The dates bound uploadDate, from included and to excluded; historyId is exact."""
    run, files = tenant.finished_run(b"x", title="Weekly")
    other, _ = tenant.finished_run(b"y", title="Daily")
    upload = files[0].created_at

    def rows(**query: str) -> list[int]:
        return names_of(tenant.get("/file-metadatas", params=query).json()["items"], "historyId")

    assert rows(historyId=str(run.id)) == [run.id]
    assert rows(historyId=str(run.job_id)) == []
    assert rows(jobTitle="WEEK") == [run.id]
    assert rows(name=files[0].name[7:20].upper()) == [run.id]
    assert rows(source="histo", type="ucs") == [run.id, other.id]
    assert rows(startDate=upload.isoformat()) == [run.id, other.id]
    assert rows(endDate=upload.isoformat()) == []
    assert rows(startDate=(upload + timedelta(days=1)).isoformat()) == []
    assert rows(orderField="jobTitle") == [other.id, run.id]


def test_wrong_filters_are_refused(tenant: Account) -> None:
    """A date that is none and an id that is no number are 400, by name."""
    for name in ("startDate", "endDate", "historyId"):
        error = error_of(tenant.get(f"/file-metadatas?{name}=soon"), 400)
        assert error["detail"]["field"] == name


def test_a_download_is_a_redirect_to_a_link(tenant: Account) -> None:
    """303 with an absolute link below the public URL that nobody keeps, ending in the name."""
    _, files = tenant.finished_run(b"sealed")
    answer = tenant.get(f"/files/{files[0].name}")

    assert (answer.status_code, answer.content) == (303, b"")
    assert answer.headers["location"].startswith(f"{PUBLIC_URL}/links/")
    assert answer.headers["location"].endswith(f"/{files[0].name}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_manifest_is_downloaded_like_a_file(tenant: Account) -> None:
    """By its name, though it is not listed."""
    run, _ = tenant.finished_run(b"sealed")
    answer = tenant.get(f"/files/export-{run.archive_id}.manifest.json")

    assert answer.status_code == 303
    content = tenant.installation.client.get(answer.headers["location"])
    assert content.content == b'{"parts": []}'
    assert content.headers["content-type"] == "application/json"


def test_an_expired_file_is_gone(own: Installation) -> None:
    """From the moment it expires it is neither listed nor found; its last day counts as one."""
    account = own.new_tenant()
    _, files = account.finished_run(b"sealed")

    def again() -> None:
        account.token = account.sign_in(grant_type="client_credentials").json()["access_token"]

    own.clock.advance(days=29, hours=23)
    again()
    row = account.get("/file-metadatas").json()["items"][0]
    assert row["remainingDays"] == 1
    assert account.get(f"/files/{files[0].name}").status_code == 303
    own.clock.advance(hours=1)
    again()
    assert account.get("/file-metadatas").json()["count"] == 0
    error_of(account.get(f"/files/{files[0].name}"), 404)


def test_several_links_at_once(own: Installation) -> None:
    """An array in the order asked, an object for one name; they live for 15 minutes."""
    tenant = own.new_tenant()
    run, (first, second) = tenant.finished_run(b"first", b"second")
    manifest = f"export-{run.archive_id}.manifest.json"
    answer = tenant.get(f"/files?filename={second.name},{manifest}, {first.name}")
    one = tenant.get(f"/files?filename={first.name}")

    assert answer.headers["cache-control"] == "no-store"
    links = [link["path"] for link in answer.json()]
    assert one.json().keys() == {"path"}
    own.clock.advance(minutes=14)
    contents = [own.client.get(link).content for link in [*links, one.json()["path"]]]
    assert contents == [b"second", b'{"parts": []}', b"first", b"first"]
    own.clock.advance(minutes=2)
    assert own.client.get(links[0]).status_code == 404


def test_a_missing_file_means_no_link_at_all(tenant: Account) -> None:
    """404 and the array of those that are missing, as they were named."""
    _, (file,) = tenant.finished_run(b"x")
    answer = tenant.get("/files", params={"filename": f"{file.name},b,../c,\u202ed"})
    assert (answer.status_code, answer.json()) == (
        404,
        [{"path": "b"}, {"path": "../c"}, {"path": "\u202ed"}],
    )
    for query in ("", "?filename=", "?filename=" + ",".join("a" * 101)):
        assert error_of(tenant.get(f"/files{query}"), 400)["detail"]["field"] == "filename"
    assert len(tenant.get("/files?filename=" + ",".join("a" * 100)).json()) == 100


def test_every_field_of_a_row_orders(tenant: Account) -> None:
    """Each field of the row, both ways; ties are broken by the order of appearance."""
    tenant.finished_run(b"first", b"second", title="b")
    tenant.finished_run(b"third!", title="a")
    for field in tenant.get("/file-metadatas").json()["items"][0]:
        for descending in ("false", "true"):
            query = f"orderField={field}&descAsc={descending}"
            items = tenant.get(f"/file-metadatas?{query}").json()["items"]
            values = [item[field] for item in items]
            assert values == sorted(values, reverse=descending == "true"), field
