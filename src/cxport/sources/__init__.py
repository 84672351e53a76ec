"""Where data is read from: databases that hold contact history, or any other tables.

`connect` gives the source that a DSN names; what a source promises stands in `base`.
"""

from __future__ import annotations

from cxport.domain.catalogue import Family
from cxport.sources.base import Source, SourceSettings


def connect(settings: SourceSettings) -> Source:
    """Make a source of its settings; nothing is connected to yet.

    Raises InvalidInput naming `dsn` or `mapping`, and SourceError where the driver of the
    database is not installed.
    """
    from cxport.sources.drivers import opener
    from cxport.sources.mapping import read_mapping
    from cxport.sources.ucs import UcsSource

    open_connection, max_readers = opener(settings.dsn)
    if settings.family is Family.DATASYNC:
        from cxport.sources.datasync import DataSyncSource
        from cxport.sources.table_mapping import read_table_sets

        sets = read_table_sets(settings.mapping)
        return DataSyncSource(open_connection, sets, max_readers, settings.mask_key)
    return UcsSource(open_connection, read_mapping(settings.mapping), max_readers)
