"""The list of what was skipped."""

from __future__ import annotations

from cxport.domain.catalogue import Entity
from cxport.formats.errors import error_line


def test_a_skipped_row_is_one_line() -> None:
    """The line names entity, key as the source has it, and reason."""
    assert error_line(Entity.CHAT, "00A\n", 'no "date"') == (
        b'{"entity":"Chat","id":"00A\\n","reason":"no \\"date\\""}\n'
    )
    assert error_line(Entity.CONTACT, 7, "x") == b'{"entity":"Contact","id":7,"reason":"x"}\n'
