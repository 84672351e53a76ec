"""Time zones by their names in the IANA database."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said

_FIELD = "schedulerParam.timezone"


def zone_name(text: str) -> str:
    """Give a zone's name as the database spells it, UTC for an empty text.

    Raises InvalidInput for one that it does not know.
    """
    if not text:
        return "UTC"
    name = _names().get(text.casefold())
    if name is None:
        raise InvalidInput.at(
            _FIELD, Said("no zone of that name"), Said("an IANA name, as Europe/Paris or UTC")
        )
    return name


def zone_of(name: str) -> ZoneInfo:
    """Give the zone of a name; raises InvalidInput for one that is unknown here."""
    return ZoneInfo(zone_name(name))


@cache
def zone_names() -> tuple[str, ...]:
    """Give the names of all zones, in the order of the alphabet."""
    return tuple(sorted(_names().values()))


@cache
def _names() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones()}
