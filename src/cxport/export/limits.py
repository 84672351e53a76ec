"""How large the parts of a run are planned."""

from __future__ import annotations

from dataclasses import replace

from cxport.domain.selection import Content, Estimate, Part, Selection
from cxport.sources.base import PlanLimits

#: Bytes of JSON Lines that one sealed byte holds at least, as a rule: contact-centre text
#: compresses to about 0.36, which S/MIME text makes 1.37 times as large. A part that compresses
#: worse ends early, one that compresses better is smaller than it might be.
_RAW_BYTES_IN_A_SEALED_BYTE = 1.6


def plan_limits(split_bytes: int, part_rows: int) -> PlanLimits:
    """Give the limits by which a run with this split size is planned."""
    return PlanLimits(
        part_raw_bytes=int(split_bytes * _RAW_BYTES_IN_A_SEALED_BYTE), part_rows=part_rows
    )


def sealed_bytes(expected: Estimate) -> int:
    """Tell how large the sealed files become at most, as a rule."""
    return round(expected.raw_bytes / _RAW_BYTES_IN_A_SEALED_BYTE)


def with_undated(parts: tuple[Part, ...], selection: Selection) -> tuple[Part, ...]:
    """Add to each part the slices that name its rows without a time, where a window has ends."""
    if not selection.leaves_undated:
        return parts
    return tuple(
        replace(
            part,
            slices=part.slices
            + tuple(
                replace(piece, content=Content.UNDATED)
                for piece in part.slices
                if piece.content is Content.RECORDS
            ),
        )
        for part in parts
    )
