"""Sources in the administration: added within what is allowed, checked, limited, removed."""

from __future__ import annotations

import re

import pytest

from cxport.domain.places import AllowedPlaces
from cxport.services.source_setup import SourceDraft
from cxport.sources.sample import write_sample
from tests.console.installation import HOSTILE, Console, Person
from tests.console.test_administration import ADMIN, sent


@pytest.fixture
def dsn(served: Console, ann: Person) -> str:
    """Give the DSN of a contact centre in the folder that is allowed."""
    found = f"sqlite:///{served.sources.resolve()}/{ann.name.replace(' ', '-')}.db"
    write_sample(found, interactions=20, seed=1)
    return found


def test_a_source_from_beginning_to_end(served: Console, ann: Person, dsn: str) -> None:
    """Added, checked with a record of which nothing can be read, slowed down, and removed."""
    client = served.signed_in(ann)
    assert "There is no source yet." in client.get(f"{ADMIN}/sources").text
    added = sent(client, "source", name="History", family="UCS", dsn=dsn, readers="3", rows="500")
    path = added.headers["location"].removeprefix(f"{ADMIN}/")
    page = client.get(added.headers["location"]).text
    assert "Check it next" in page
    assert dsn not in page

    checked = sent(client, f"{path}/check").text
    assert "all that the mapping names is there" in checked
    assert re.search(r"<dt>subject</dt><dd>text, \d+</dd>", checked)
    assert re.search(r"<td>E-mail in</td><td class=\"text-end\">\d+</td><td>20\d\d-", checked)
    assert sent(client, f"{path}/limits", readers="9", rows="").status_code == 303
    limited = client.get(f"{ADMIN}/{path}").text
    assert 'id="readers" name="readers" type="text"\n    value="9"' in limited
    wrong = sent(client, f"{path}/limits", readers="900", rows="1000")
    assert wrong.status_code == 400
    assert 'value="900"' in wrong.text
    assert re.search(r'id="readers-says">out of range \(a whole number from 1 to 64\)', wrong.text)

    assert "Remove the source History?" in sent(client, f"{path}/remove").text
    assert sent(client, f"{path}/remove", confirmed="true").status_code == 303
    assert client.get(f"{ADMIN}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("dsn", "nonsense"),
        ("mapping", "no [toml"),
        ("readers", "many"),
        ("rows", "1"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    served: Console, ann: Person, dsn: str, field: str, value: str
) -> None:
    """Nothing that was typed is lost, and nothing is added."""
    client = served.signed_in(ann)
    form = {"name": "History", "family": "UCS", "dsn": dsn, "mapping": "", field: value}
    page = sent(client, "source", **form)

    assert page.status_code == 400
    assert re.search(rf'invalid-feedback" id="{field}-says">\S', page.text)
    for name in {"name", "dsn"} - {field}:
        assert f'value="{form[name]}"' in page.text
    assert "There is no source yet." in client.get(f"{ADMIN}/sources").text


def test_a_place_that_is_not_allowed_is_refused(served: Console, ann: Person) -> None:
    """Our own folder, other folders and other hosts alike; the page says what is allowed."""
    client = served.signed_in(ann)
    folder = served.sources.resolve()
    for dsn in (
        f"sqlite:///{folder.parent}/store.sqlite",
        "sqlite:////etc/passwd",
        "postgresql://user:secret@127.0.0.1/store",
    ):
        page = sent(client, "source", name="x", dsn=dsn)
        assert page.status_code == 400
        assert "not allowed to be added" in page.text
        assert f"<code>{folder}</code>" in page.text


def test_where_nothing_is_allowed_the_page_says_how_it_is(
    served: Console, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No button that would be refused, and what the operator has to do."""
    monkeypatch.setattr(served.services.source_administration, "_allowed", AllowedPlaces())
    page = served.signed_in(ann).get(f"{ADMIN}/sources").text

    assert f'"{ADMIN}/source"' not in page
    assert "source_hosts" in page
    assert "cxport source add" in page


def test_a_database_that_does_not_answer_is_told(served: Console, ann: Person, dsn: str) -> None:
    """The page says so; what was found before is kept."""
    client = served.signed_in(ann)
    added = sent(client, "source", name="History", dsn=dsn).headers["location"]
    path = added.removeprefix(f"{ADMIN}/")
    sent(client, f"{path}/check")
    next(served.sources.glob(f"{ann.name.replace(' ', '-')}.db")).unlink()
    answer = sent(client, f"{path}/check")

    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert 'role="alert"' in page
    assert "E-mail in" in page


def test_nothing_of_a_name_is_markup(served: Console, ann: Person) -> None:
    """A source, key and client whose names are scripts are text wherever they are shown."""
    tenants, setup = served.services.tenants, served.services.source_setup
    draft = SourceDraft(name=HOSTILE, dsn="sqlite:////nowhere.db")
    source = setup.add(ann.tenant_id, draft)
    tenants.add_key(ann.tenant, HOSTILE)
    client_id, _ = tenants.add_client(ann.tenant, HOSTILE, frozenset())
    client = served.signed_in(ann)
    pages = [client.get(f"{ADMIN}/{one}").text for one in ("sources", f"sources/{source.id}")]
    pages += [client.get(f"{ADMIN}/{one}").text for one in ("keys", f"clients/{client_id}")]
    pages += [sent(client, f"sources/{source.id}/remove").text]
    pages += [sent(client, f"clients/{client_id}/remove").text]
    pages += [sent(client, f"clients/{client_id}/secret").text]

    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
