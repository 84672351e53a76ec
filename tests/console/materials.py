"""What a job needs before it can be made: sources as their check found them, and a certificate."""

from __future__ import annotations

from functools import cache

from cxport.domain.catalogue import Family
from cxport.domain.job import Job
from cxport.domain.masking import Mask
from cxport.domain.run import Run
from cxport.domain.table_set import Mark, MarkKind, Table, TableColumn, TableSet
from cxport.domain.tenant import Caller
from cxport.sealing.certificate import make_certificate
from cxport.services.source_setup import SourceDraft
from tests.api.installation import EVERYTHING, SourceReport
from tests.console.installation import Console, Person

_ORDERS = TableSet(
    name="Orders",
    tables=(
        Table(
            name="orders",
            table="orders",
            key="id",
            columns=(TableColumn(name="id"), TableColumn(name="mail", mask=Mask(text="-"))),
            mark=Mark(column="id", kind=MarkKind.KEY),
        ),
    ),
)


@cache
def certificate() -> bytes:
    """Give a certificate, made once: making its key takes time."""
    return make_certificate("Company export", days=400, bits=2048)[1]


def caller_of(served: Console, person: Person) -> Caller:
    """Give who a person is to the services."""
    return served.services.sessions.sign_in(person.tenant, person.name, person.password)[1]


def equip(served: Console, person: Person, *, certified: bool = True) -> None:
    """Give a person's tenant a source of each family, and a certificate."""
    add = served.services.source_setup.add
    add(person.tenant_id, SourceDraft(name="History", dsn="sqlite:////nowhere"), EVERYTHING)
    tables = SourceDraft(name="Warehouse", dsn="sqlite:////nowhere", family=Family.DATASYNC)
    add(person.tenant_id, tables, SourceReport((), media=(), table_sets=(_ORDERS,)))
    if certified:
        certify(served, person)


def certify(served: Console, person: Person) -> None:
    """Put a certificate in force."""
    caller = caller_of(served, person)
    served.services.certificates.upload(caller, "company.pem", certificate())


def job_of(served: Console, person: Person, job_id: int) -> Job:
    """Give a job as it is stored."""
    found = served.services.jobs.get(caller_of(served, person), job_id)
    assert not isinstance(found, Run)
    return found.job
