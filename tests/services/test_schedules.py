"""When a job runs next, told before it is made and afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cxport.domain.access import Role
from cxport.domain.catalogue import DataType, Entity, Family
from cxport.domain.errors import InvalidInput, NotAllowed, NotFound
from cxport.domain.job import JobSpec, Schedule
from cxport.domain.tenant import Caller
from cxport.services import Services
from cxport.services.job_request import JobRequest
from cxport.services.schedules import Upcoming
from cxport.store import jobs
from cxport.store.database import Database
from tests.api.installation import Clock

#: A Tuesday.
NOW = datetime(2031, 3, 25, 12, tzinfo=UTC)


@pytest.fixture
def ann(services: Services, clock: Clock) -> Caller:
    """Give the administrator of a tenant; the clock shows NOW."""
    clock.frozen = NOW
    found = services.tenants.create_tenant("Company")
    tenant = services.tenants.named(found.tenant)
    return Caller(
        tenant_id=tenant.id,
        tenant_name=tenant.name,
        subject="user:ann",
        roles=frozenset({Role.ADMINISTRATOR}),
    )


def words(**said: object) -> JobRequest:
    """Give a request that says when, and nothing else."""
    return JobRequest(source="", family="", title="", data_type="", **said)  # type: ignore[arg-type]  # a test's own words


def days(upcoming: Upcoming) -> list[str]:
    """Give the moments in UTC."""
    return [f"{run.at:%d %H:%M}" for run in upcoming.runs]


def test_the_next_five_are_told_over_a_change_of_the_clock(services: Services, ann: Caller) -> None:
    """On the clock of the zone: in UTC they move by an hour; each says the day that it exports."""
    request = words(cron="30 6 * * *", timezone="Europe/Paris", relative="P1D")
    found = services.schedules.preview(ann, request)

    assert days(found) == ["26 05:30", "27 05:30", "28 05:30", "29 05:30", "30 04:30"]
    windows = [run.window for run in found.runs if run.window]
    assert windows[4].start == datetime(2031, 3, 28, 23, tzinfo=UTC)
    assert windows[4].end == datetime(2031, 3, 29, 23, tzinfo=UTC)
    assert found.cron_fields == "30 6 * * *"


def test_runs_that_are_no_ticks_count(services: Services, ann: Caller) -> None:
    """The immediate one comes first, and a limit counts it."""
    both = services.schedules.preview(ann, words(immediately=True, runs="3", cron="@daily"))
    once = services.schedules.preview(ann, words(immediately=True))
    later = services.schedules.preview(ann, words(start_date="2031-04-01"))

    assert days(both) == ["25 12:00", "26 00:00", "27 00:00"]
    assert days(once) == ["25 12:00"]
    assert days(later) == ["01 00:00"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"cron": "99 * * * *"}, "schedulerParam.cron"),
        ({}, "schedulerParam"),
        ({"runs": "daily", "timezone": "Mars"}, "schedulerParam.timezone"),
        ({"runs": "daily", "relative": "a day"}, "timeFrame.relative"),
    ],
)
def test_what_is_wrong_is_named(
    services: Services, ann: Caller, said: dict[str, str], field: str
) -> None:
    """As when the job would be made."""
    with pytest.raises(InvalidInput) as caught:
        services.schedules.preview(ann, words(**said))

    assert caught.value.field == field


def test_an_expression_with_seconds_or_years_has_no_five_fields(
    services: Services, ann: Caller
) -> None:
    """They would not say all of it."""
    for cron, fields in (
        ("0 30 6 ? * MON-FRI", "30 6 * * 1,2,3,4,5"),
        ("7 30 6 ? * MON-FRI", ""),
        ("0 30 6 ? * MON-FRI 2032", ""),
    ):
        assert services.schedules.preview(ann, words(cron=cron)).cron_fields == fields


def test_a_job_tells_what_is_left_of_its_runs(
    services: Services, ann: Caller, db: Database
) -> None:
    """From its next tick on, and no more than its limit still allows; by a run's id as well."""
    spec = JobSpec(
        source="History",
        family=Family.UCS,
        data_type=DataType.INTERACTION,
        entities=(Entity.CHAT,),
        title="Nightly",
        schedule=Schedule(immediately=True, cron="@daily", runs="3"),
    )
    tick = datetime(2031, 3, 26, tzinfo=UTC)
    job, run = jobs.create(db, ann.tenant_id, spec, "user:ann", run_now=True, next_tick_at=tick)
    assert run is not None

    for item in (job.id, run.id):
        assert days(services.schedules.of_job(ann, item)) == ["26 00:00", "27 00:00"]


def test_who_may_not_is_refused(services: Services, ann: Caller) -> None:
    """A viewer makes no jobs, and nobody sees those of another tenant."""
    viewer = Caller(
        tenant_id=ann.tenant_id, tenant_name="", subject="user:v", roles=frozenset({Role.VIEWER})
    )
    with pytest.raises(NotAllowed):
        services.schedules.preview(viewer, words(runs="daily"))
    with pytest.raises(NotFound):
        services.schedules.of_job(ann, 4711)
