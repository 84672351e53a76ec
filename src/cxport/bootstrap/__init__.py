"""The only place that joins the parts: what the command line works with."""

from cxport.bootstrap.installation import (
    Installation,
    initialise,
    is_initialised,
    open_installation,
    public_url,
)
from cxport.bootstrap.keys import MasterKey, known_master_keys, reseal, rotate_master_key
from cxport.bootstrap.serving import serve, work
from cxport.bootstrap.source import (
    add_source,
    check_source,
    limit_source,
    list_sources,
    refresh_source,
    remove_source,
    write_sample,
)
from cxport.bootstrap.upgrading import upgrade
from cxport.sealing.certificate import make_certificate
from cxport.services.signing_keys import Signed, SigningKey
from cxport.services.source_administration import Sample

__all__ = [
    "Installation",
    "MasterKey",
    "Sample",
    "Signed",
    "SigningKey",
    "add_source",
    "check_source",
    "initialise",
    "is_initialised",
    "known_master_keys",
    "limit_source",
    "list_sources",
    "make_certificate",
    "open_installation",
    "public_url",
    "refresh_source",
    "remove_source",
    "reseal",
    "rotate_master_key",
    "serve",
    "upgrade",
    "work",
    "write_sample",
]
