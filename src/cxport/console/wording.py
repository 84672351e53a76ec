"""Words, numbers and times as one reader wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from cxport.domain.errors import CxportError, NotFound
from cxport.domain.said import Said
from cxport.services.labels import ENGLISH, labels, sayings

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_THOUSAND = 1000
_HOURS_OF_DAY = 24
#: Below it, tenths of a second are told.
_SHORT_SECONDS = 10


@dataclass(frozen=True)
class Wording:
    """Words of one language; times are shown in one zone."""

    language: str
    zone: ZoneInfo

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        return labels(self.language)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self._labels["language.direction"]

    def text(self, key: str, **values: object) -> str:
        """Give the text of a key with its values filled in; KeyError for an unknown key.

        One of something has a text of its own where `<key>.one` is there.
        """
        text = self._labels[key]
        if str(values.get("count", values.get("days"))) == "1":
            text = self._labels.get(f"{key}.one", text)
        return text.format_map(values)

    def moment(self, moment: datetime) -> str:
        """Write a moment in the reader's zone, to the minute."""
        return moment.astimezone(self.zone).strftime(self._labels["format.moment"])

    def clock(self, moment: datetime) -> str:
        """Write the time of a moment in the reader's zone, to the second."""
        return moment.astimezone(self.zone).strftime(self._labels["format.clock"])

    def utc(self, moment: datetime) -> str:
        """Write a moment in UTC, to the second."""
        return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

    def day(self, day: date) -> str:
        """Write a day."""
        return day.strftime(self._labels["format.day"])

    def span(self, seconds: float) -> str:
        """Write how long something takes, by its two largest units."""
        if seconds < _SHORT_SECONDS:
            return f"{seconds:.1f} s".replace(".", self._labels["format.decimal"])
        whole = round(seconds)
        hours, minutes = whole // 3600, whole // 60
        if hours >= _HOURS_OF_DAY:
            return f"{self.number(hours // _HOURS_OF_DAY)} d {hours % _HOURS_OF_DAY} h"
        if hours:
            return f"{hours} h {minutes % 60:02} min"
        return f"{minutes} min {whole % 60:02} s" if minutes else f"{whole} s"

    def number(self, number: int) -> str:
        """Write a whole number with its thousands apart."""
        return f"{number:,}".replace(",", self._labels["format.thousands"])

    def size(self, size_bytes: int) -> str:
        """Write a size in bytes with the unit that fits, in steps of 1,000."""
        size, unit = float(size_bytes), 0
        while size >= _THOUSAND and unit < len(_UNITS) - 1:
            size, unit = size / _THOUSAND, unit + 1
        text = f"{size:.1f}" if unit else f"{size:.0f}"
        return f"{text.replace('.', self._labels['format.decimal'])} {_UNITS[unit]}"

    def refusal(self, error: CxportError) -> str:
        """Say why something was refused."""
        if isinstance(error, NotFound):
            return self.text("message.notFound")
        return self.say(error.said)

    def say(self, text: str) -> str:
        """Say a sentence of a service; what has no words in this language stays as it is."""
        if not isinstance(text, Said) or self.language == ENGLISH:
            return text
        template = sayings(self.language).get(text.template, text.template)
        if not text.values:
            return template
        values = {
            name: self.say(value) if isinstance(value, str) else value
            for name, value in text.values.items()
        }
        return template.format_map(values)
