"""The first page: what goes on, what failed, what goes and comes, and the days past."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cxport.console.charts import chart, rounded_up
from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from cxport.domain.run import Counts, Run, Status
from cxport.domain.tenant import Caller
from cxport.store.scope import writing
from cxport.store.tables import runs
from tests.console.installation import Console, Person

SKIPPING = Counts(selected=12, exported=10, skipped=2, warnings=0)
UTC_ZONE = ZoneInfo("UTC")


def caller_of(served: Console, person: Person) -> Caller:
    """Sign somebody in."""
    return served.services.sessions.sign_in(person.tenant, person.name, person.password)[1]


def ended(served: Console, run: Run, moment: datetime) -> None:
    """Let a run have ended at another time."""
    with writing(served.db, run.tenant_id) as scope:
        scope.update(runs, {"ended_at": moment}, id=run.id)


def test_what_goes_on_failed_goes_and_comes(served: Console, ann: Person) -> None:
    """Each with what matters about it, and a way to all of them."""
    going = served.planned(served.begun(ann, "Going"), 1)
    served.read(going, 250)
    failed = served.failed(ann, "Broken", "the source does not answer")
    served.job(ann, "Nightly")
    soon = served.clock() + timedelta(hours=30)
    _, (file,) = served.finished(ann, "Old", b"sealed", expires_at=soon)
    page = served.signed_in(ann).get("/console/").text

    assert "250 of about 1,000 rows read" in page
    assert "the source does not answer" in page
    assert f'href="/console/history/{failed.id}"' in page
    assert f'href="/console/history/{going.id}"' in page
    assert "Nightly" in page
    assert file.name in page
    assert "Upload a certificate before you create a job" in page


def test_what_failed_since_yesterday_counts_by_its_end(served: Console, ann: Person) -> None:
    """A run that was asked for long ago and failed in the night is told in the morning."""
    old, late = served.failed(ann, "Old", "one"), served.failed(ann, "Late", "two")
    ended(served, old, served.clock() - timedelta(hours=25))
    ended(served, late, served.clock() - timedelta(hours=23))
    with writing(served.db, late.tenant_id) as scope:
        scope.update(runs, {"created_at": served.clock() - timedelta(days=9)}, id=late.id)
    found = served.services.activity.failed(
        caller_of(served, ann), served.clock() - timedelta(hours=24), 10
    )

    assert [run.spec.title for run in found.items] == ["Late"]
    assert found.count == 1


def test_days_are_summed_up_in_the_readers_zone(served: Console, ann: Person) -> None:
    """By outcome, with rows and bytes; what has expired since counts as completed."""
    first, _ = served.finished(ann, "First", b"12345")
    second, _ = served.finished(ann, "Second", b"123", counts=SKIPPING)
    third = served.failed(ann, "Third", "why")
    today = served.clock().astimezone(UTC).replace(hour=12, minute=0)
    for run, moment in (
        (first, today - timedelta(days=2)),
        (second, today - timedelta(days=2, hours=11, minutes=30)),
        (third, today - timedelta(days=40)),
    ):
        ended(served, run, moment)
    with writing(served.db, first.tenant_id) as scope:
        scope.update(runs, {"status": Status.EXPIRED}, id=first.id)
    caller = caller_of(served, ann)
    days = served.services.activity.days(caller, 30, UTC_ZONE)

    assert len(days) == 30
    assert days[-3].runs == {Status.COMPLETED: 1, Status.COMPLETED_WITH_WARNINGS: 1}
    assert (days[-3].rows, days[-3].size_bytes) == (15, 8)
    assert sum(sum(day.runs.values()) for day in days) == 2
    served.clock.frozen = today
    west = served.services.activity.days(caller, 30, ZoneInfo("America/New_York"))
    served.clock.frozen = None
    assert west[-3].runs == {Status.COMPLETED: 1}
    assert west[-4].runs == {Status.COMPLETED_WITH_WARNINGS: 1}


def test_days_hold_what_the_roles_show(served: Console, ann: Person) -> None:
    """Another family's runs and another tenant's are in no sum."""
    served.finished(ann, "Chats", b"sealed")
    tables = served.person(Role.DATASYNC_EXPORTER, tenant=ann.tenant)
    served.job(ann, "Tables", family=Family.DATASYNC)
    foreign = served.person()

    for person in (tables, foreign):
        days = served.services.activity.days(caller_of(served, person), 30, UTC_ZONE)
        assert all(not day.runs for day in days)


def test_charts_can_be_read_as_a_table(served: Console, ann: Person) -> None:
    """A picture with a name, and behind it the numbers of every day."""
    served.finished(ann, "Nightly", b"12345", counts=SKIPPING)
    page = served.signed_in(ann).get("/console/").text
    table = page[page.index("The same in numbers") :]

    assert len(re.findall(r'<svg [^>]*role="img" aria-label="[^"]+"', page)) == 3
    assert page.count("</title><rect") == 90
    assert len(re.findall(r'<th scope="row"', table)) == 30
    assert re.search(r"Completed with warnings 1</title>", page)


def test_bars_stand_on_each_other_below_a_round_number() -> None:
    """What is there can be seen, however little; nothing stands out above."""
    day = datetime(2026, 5, 1, tzinfo=UTC)
    drawn = chart([(day, [("a", 30), ("b", 1)]), (day, [("a", 4000), ("b", 0)]), (day, [])])

    assert drawn.top == 5000
    assert [len(bar.segments) for bar in drawn.bars] == [2, 1, 0]
    low, high = drawn.bars[0].segments
    assert (low.y + low.height, high.y + high.height) == (100, low.y)
    assert high.height == 1
    assert all(one.y >= 0 for bar in drawn.bars for one in bar.segments)
    assert [rounded_up(n) for n in (0, 1, 2, 3, 7, 10, 11, 99, 1001)] == [
        *(1, 1, 2, 5, 10, 10, 20, 100, 2000)
    ]
