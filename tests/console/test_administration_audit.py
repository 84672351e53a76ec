"""The audit record in the administration: filters in the address, CSV, and whether it holds."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta

from sqlalchemy import update

from cxport.domain.audit import Act
from cxport.services.labels import LANGUAGES, labels
from cxport.store.tables import audit
from tests.console.installation import Console, Person
from tests.console.test_administration import ADMIN, sent


def objects(page: str) -> list[str]:
    """Give what the rows name, in their order."""
    found = re.findall(r"<tr>.*?</tr>", page.partition("<tbody>")[2], re.DOTALL)
    return [html.unescape(re.findall(r'console-name">([^<]*)', row)[1]) for row in found]


def record(served: Console, person: Person, act: Act, named: str) -> None:
    """Put something on a tenant's record."""
    with served.services.audit.by(person.tenant_id, f"user:{person.name}", act, named):
        pass


def test_what_is_done_here_is_on_record(served: Console, ann: Person) -> None:
    """With who did it and to what, as if it had been done over the API; so is a refusal."""
    client = served.signed_in(ann)
    sent(client, "user", name="bo", password="a long enough one")
    sent(client, "limits", days="7")
    sent(client, "users/bo/remove", confirmed="true")
    page = client.get(f"{ADMIN}/audit").text

    assert "Remove a user" in page
    assert "Change retention" in page
    assert f"user:{ann.name}" in page
    assert objects(page)[0] == "bo"


def test_every_act_has_words() -> None:
    """In every language, so that no entry is a blank or an error."""
    for language in LANGUAGES:
        assert {f"act.{act}" for act in Act} <= labels(language).keys()


def test_the_address_keeps_filters_and_page(served: Console, ann: Person) -> None:
    """By who, what, to what and when, in the reader's days; nonsense counts as not said."""
    client = served.signed_in(ann)
    for number in range(30):
        record(served, ann, Act.JOB_DELETE, f"job {number}")
    served.clock.advance(days=3)
    record(served, ann, Act.FILE_DELETE, "late")
    today = served.clock().date()
    served.clock.advance(days=-3)
    earlier = today - timedelta(days=1)

    assert len(objects(client.get(f"{ADMIN}/audit").text)) == 25
    second = client.get(f"{ADMIN}/audit?act=job.delete&page=2").text
    assert objects(second) == [f"job {number}" for number in range(4, -1, -1)]
    assert objects(client.get(f"{ADMIN}/audit?object=JOB+29").text) == ["job 29"]
    assert objects(client.get(f"{ADMIN}/audit?from={today}").text) == ["late"]
    assert "late" not in client.get(f"{ADMIN}/audit?to={earlier}&actor=ann").text
    nonsense = client.get(f"{ADMIN}/audit?from=never&to=9999-99-99&act=none&page=-1")
    assert len(objects(nonsense.text)) == 25
    assert "page=2&amp;from=" in client.get(f"{ADMIN}/audit?act=job.delete&from=2000-01-01").text


def test_a_download_holds_what_was_filtered_and_no_formula(served: Console, ann: Person) -> None:
    """Oldest first, complete beyond what is read at once, each cell harmless."""
    client = served.signed_in(ann)
    for number in range(1005):
        record(served, ann, Act.JOB_READ, str(number))
    record(served, ann, Act.SOURCE_ADD, '=HYPERLINK("x"),y')
    answer = client.get(f"{ADMIN}/audit.csv?act=job.read")
    rows = list(csv.reader(io.StringIO(answer.text)))

    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert rows[0] == ["id", "time", "actor", "act", "object", "outcome", "digest"]
    assert [row[4] for row in rows[1:]] == [str(number) for number in range(1005)]
    found = list(csv.reader(io.StringIO(client.get(f"{ADMIN}/audit.csv?act=source.add").text)))
    assert [row[4] for row in found[1:]] == ['\'=HYPERLINK("x"),y']


def test_the_chain_is_checked_and_a_change_is_found(served: Console, ann: Person) -> None:
    """The page says that it holds, or which entry is the first that does not."""
    client = served.signed_in(ann)
    record(served, ann, Act.JOB_DELETE, "1")
    sent(client, "audit/check")
    assert "The chain holds" in client.get(f"{ADMIN}/audit").text
    with served.db.write() as connection:
        ours = audit.c.tenant_id == ann.tenant_id
        connection.execute(update(audit).where(ours, audit.c.object == "1").values(object="2"))
    sent(client, "audit/check")

    assert "The chain does not hold" in client.get(f"{ADMIN}/audit").text


def test_nothing_of_another_tenant_is_shown(served: Console, ann: Person) -> None:
    """Neither on the page nor in the download."""
    other = served.person()
    record(served, other, Act.JOB_DELETE, "their secret job")
    client = served.signed_in(ann)

    for path in ("audit", "audit.csv"):
        assert "their secret" not in client.get(f"{ADMIN}/{path}").text
