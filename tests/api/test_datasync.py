"""Table sets as the contract shows them, and what a job of tables may ask for."""

from __future__ import annotations

from typing import Any

import pytest

from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from cxport.domain.run import Run
from cxport.domain.table_set import Table, TableColumn, TableSet
from cxport.services.source_setup import SourceDraft
from cxport.store import jobs
from tests.api.installation import Account, SourceReport, error_of, names_of

SETS = tuple(
    TableSet(
        name=name,
        tables=(Table(name="t", table="t", key="id", columns=(TableColumn(name="id"),)),),
    )
    for name in ("Orders", "Stock")
)


def of_tables(**changed: Any) -> dict[str, Any]:
    """Give the changes that make the body of a job one of tables."""
    params = {"type": "ORDERS", "media": []}
    return {"source": "shop", "type": "DataSync", "jobParams": params, **changed}


@pytest.fixture
def shop(tenant: Account) -> Account:
    """Give a tenant that has a source of tables beside its contact history."""
    report = SourceReport((), media=(), table_sets=SETS)
    draft = SourceDraft(name="Shop", family=Family.DATASYNC, dsn="sqlite:////nowhere")
    tenant.installation.services.source_setup.add(tenant.tenant_id, draft, report)
    return tenant


def test_the_types_of_a_source_of_tables_are_its_sets(shop: Account) -> None:
    """`/data/types` gives the sets by name; there are no sub-types of theirs."""
    types = shop.get("/data/types", params={"source": "shop"}).json()
    assert types == [{"name": name, "source": "Shop"} for name in ("Orders", "Stock")]
    assert shop.get("/data/sub-types", params={"dataType": "Orders"}).status_code == 204
    assert shop.get("/data/sub-types", params={"source": "Shop"}).status_code == 204


def test_roles_see_their_family_alone(shop: Account) -> None:
    """Who exports tables sees no contact history, and the other way round."""
    own = {Role.DATASYNC_EXPORTER: ["Shop"], Role.UCS_EXPORTER: ["History"]}
    for role, seen in own.items():
        account = shop.as_role(role)
        assert names_of(account.get("/data/sources").json(), "value") == seen
        created = account.create_job(**of_tables())
        assert created.status_code == (202 if role is Role.DATASYNC_EXPORTER else 400)


def test_a_job_of_tables_keeps_its_set(shop: Account) -> None:
    """The set is taken as the last check found it, under its own spelling."""
    made = shop.create_job(
        **of_tables(
            timeFrame={"incremental": True},
            jobParams__spreadsheetSafe=True,
            jobParams__format="CSV",
        )
    )

    assert made.status_code == 202, made.text
    assert made.json()["type"] == "DataSync"
    spec = jobs.get(shop.installation.db, shop.tenant_id, made.json()["id"]).spec
    assert (spec.data_type, spec.tables) == ("Orders", SETS[0])
    assert (spec.incremental, spec.spreadsheet_safe) == (True, True)
    run = jobs.newest_run(shop.installation.db, shop.tenant_id, made.json()["id"])
    assert isinstance(run, Run)
    assert run.spec == spec


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"jobParams__type": "Interaction"}, "jobParams.type"),
        ({"jobParams__media": ["email"]}, "jobParams.media"),
        ({"jobParams__entities": ["Chat"]}, "jobParams.entities"),
        ({"jobParams__exportAttachments": True}, "jobParams.exportAttachments"),
        ({"jobParams__format": "jsonl"}, "jobParams.format"),
        ({"timeFrame": {"dateFrom": "2024-01-01"}}, "timeFrame"),
        ({"timeFrame": {"all": True, "incremental": True}}, "timeFrame"),
        ({"timeFrame": {}}, "timeFrame"),
        ({"type": "UCS"}, "type"),
    ],
)
def test_what_tables_do_not_have_is_refused(
    shop: Account, changed: dict[str, Any], field: str
) -> None:
    """With the name of the field and what it would take."""
    error = error_of(shop.create_job(**of_tables(**changed)), 400)

    assert error["detail"]["field"] == field
    assert error["detail"]["expected"]


def test_only_tables_are_made_safe_for_spreadsheets(shop: Account) -> None:
    """A job of records that asks for what only tables have is told so."""
    for changed, field in (
        ({"jobParams__spreadsheetSafe": True}, "jobParams.spreadsheetSafe"),
        ({"jobParams__format": "csv"}, "jobParams.format"),
    ):
        assert error_of(shop.create_job(**changed), 400)["detail"]["field"] == field
