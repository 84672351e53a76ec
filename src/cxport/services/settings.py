"""What an operator may set about the services."""

from __future__ import annotations

from dataclasses import dataclass, field

from cxport.domain.listing import DEFAULT_PAGE_CAP
from cxport.domain.places import AllowedPlaces
from cxport.domain.provider import Provider
from cxport.domain.sealing import DEFAULT_SPLIT_BYTES, MAX_SEALED_BYTES


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """Limits and addresses; `public_url` is what links begin with, without a slash at its end."""

    public_url: str
    #: Items on one page of a list at most.
    page_cap: int = DEFAULT_PAGE_CAP
    #: Bytes of one sealed file: where a job names no size, and at most.
    default_split_bytes: int = DEFAULT_SPLIT_BYTES
    max_split_bytes: int = MAX_SEALED_BYTES
    #: Passwords and secrets that are verified at the same time (150 ms and 64 MiB each).
    parallel_sign_ins: int = 2
    #: Sign-ins that may wait for their turn; one more is sent away.
    waiting_sign_ins: int = 8
    #: Failed sign-ins in a quarter of an hour, of one account and from one address.
    failures_per_account: int = 10
    failures_per_address: int = 50
    #: Requests that one tenant may make in a minute; 0 = any number.
    requests_per_minute: int = 6000
    #: A session of the console ends when it was not used for so long, and after so long anyhow.
    session_idle_minutes: int = 30
    session_hours: int = 12
    #: Whose tokens are taken beside ours, and where people can sign in.
    providers: tuple[Provider, ...] = ()
    #: Where a source may lie that is added over the network.
    allowed_places: AllowedPlaces = field(default_factory=AllowedPlaces)
    #: Whether mails can be sent.
    mail: bool = False
    #: Days that files are kept; a tenant may want fewer.
    retention_days: int = 30
