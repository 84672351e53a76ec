"""A tenant's sources as the host's administrator sees them: added, checked, removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cxport import sources
from cxport.bootstrap.installation import Installation
from cxport.bootstrap.probe import Probe
from cxport.domain.catalogue import Family
from cxport.domain.errors import NotFound
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.services.source_administration import Sample
from cxport.services.source_setup import SourceDraft, SourceSetup
from cxport.sources.base import SourceReport, SourceSettings
from cxport.store import sources as stored


def add_source(  # noqa: PLR0913 - what a source is made of
    installation: Installation,
    tenant: str,
    name: str,
    *,
    family: Family = Family.UCS,
    dsn: str = "",
    dsn_variable: str = "",
    mapping: str = "",
    max_readers: int = 2,
    max_rows_per_second: int | None = None,
) -> StoredSource:
    """Add a source whose DSN and mapping can be understood; it is not connected to yet.

    Raises InvalidInput, naming what is wrong with the name, the DSN or the mapping.
    """
    if dsn:
        sources.connect(SourceSettings(dsn=dsn, mapping=mapping, family=family))
    draft = SourceDraft(
        name=name,
        family=family,
        dsn=dsn,
        dsn_variable=dsn_variable,
        mapping=mapping,
        max_readers=max_readers,
        max_rows_per_second=max_rows_per_second,
    )
    return _setup(installation).add(_tenant_id(installation, tenant), draft)


def limit_source(
    installation: Installation,
    tenant: str,
    name: str,
    *,
    max_readers: int | None = None,
    max_rows_per_second: int | None = None,
) -> StoredSource:
    """Set how a source may be read, from its next run on; None leaves a limit as it is.

    0 rows per second are no limit. Raises NotFound, and InvalidInput for what is out of range.
    """
    now = _named(installation, tenant, name)
    readers = now.max_readers if max_readers is None else max_readers
    rows = now.max_rows_per_second if max_rows_per_second is None else max_rows_per_second
    return _setup(installation).limit(now.tenant_id, name, readers, rows or None)


def list_sources(installation: Installation, tenant: str) -> tuple[StoredSource, ...]:
    """Give a tenant's sources, by name."""
    return stored.list(installation.db, _tenant_id(installation, tenant))


def remove_source(installation: Installation, tenant: str, name: str) -> None:
    """Forget a source; NotFound where there is none of this name."""
    source = _named(installation, tenant, name)
    _setup(installation).remove(source.tenant_id, name)


def check_source(
    installation: Installation, tenant: str, name: str
) -> tuple[SourceReport, Sequence[Sample]]:
    """Connect to a source, compare it with its mapping, keep what was found, and show records.

    What is missing is told in the report, and then nothing is kept or shown. Raises NotFound,
    SourceUnreachable or SourceRefused.
    """
    found = _named(installation, tenant, name)
    report, samples = Probe(installation.db, installation.vault).check(found)
    if not report.missing:
        _setup(installation).checked(found.tenant_id, name, report)
    return report, samples


def refresh_source(installation: Installation, tenant: str, name: str) -> tuple[SourceReport, int]:
    """Check a source, and let its jobs export the columns that their table sets have now.

    Tells how many jobs changed; where something is missing, none do. Raises what
    `check_source` raises.
    """
    report, _ = check_source(installation, tenant, name)
    if report.missing:
        return report, 0
    source = _named(installation, tenant, name)
    return report, _setup(installation).refreshed(source.tenant_id, source.name, report)


def write_sample(
    dsn: str, interactions: int, seed: int, progress: Callable[[int], None] | None = None
) -> dict[str, int]:
    """Write the sample contact centre into a database; give its records by kind.

    Raises InvalidInput where one of its tables exists already, and then changes nothing.
    """
    from cxport.sources.sample import write_sample as write

    written = write(dsn, interactions=interactions, seed=seed, progress=progress)
    return {
        **{entity.value: rows for entity, rows in written.rows.items()},
        "Attachment": written.attachments,
        "ContactAttribute": written.contact_attributes,
    }


def _setup(installation: Installation) -> SourceSetup:
    return installation.services.source_setup


def _tenant_id(installation: Installation, tenant: str) -> str:
    return installation.services.tenants.named(tenant).id


def _named(installation: Installation, tenant: str, name: str) -> StoredSource:
    try:
        return stored.by_name(installation.db, _tenant_id(installation, tenant), name)
    except NotFound:
        raise NotFound(Said("tenant {tenant} has no source of this name", tenant=tenant)) from None
