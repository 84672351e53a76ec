"""Growth as a picture: an SVG that needs nothing else, and says in words what it shows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from bench.kept import Json

_WIDTH, _HEIGHT = 720, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 36, 48
#: Lines differ in colour (told apart by the colour-blind, too), in dashes and in their labels.
_STYLES = (("#0072b2", ""), ("#d55e00", "7 4"), ("#007a5a", "2 3"))
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Line:
    """A name, and points with positive coordinates."""

    name: str
    points: Sequence[tuple[float, float]]


def growth_picture(result: Json) -> str:
    """Draw seconds and memory by rows, a line for each number of readers, in two panels."""
    readers = sorted({one["readers"] for one in result["by_rows"]})
    seconds = [_line(result, number, "seconds", 1) for number in readers]
    memory = [_line(result, number, "peak_bytes", _MEGABYTE) for number in readers]
    panels = [
        ("Seconds by rows, both scales logarithmic", seconds, True),
        ("Peak memory of a reader in MB by rows", memory, False),
    ]
    body = "\n".join(
        part
        for number, (title, lines, logarithmic) in enumerate(panels)
        for part in _panel(title, lines, number * _HEIGHT, logarithmic=logarithmic)
    )
    return _SVG.format(width=_WIDTH, height=2 * _HEIGHT, title=_told(result), body=body)


def _told(result: Json) -> str:
    """Say in a sentence what can be seen."""
    points = result["by_rows"]
    most = max(points, key=lambda one: (one["rows"], -one["seconds"]))
    peaks = [one["peak_bytes"] / _MEGABYTE for one in points]
    return (
        f"Time grows with rows, to {most['seconds']:.1f} s for {most['rows']:,} with"
        f" {most['readers']} readers; memory of a reader stays between {min(peaks):.0f} and"
        f" {max(peaks):.0f} MB"
    )


def _line(result: Json, readers: int, name: str, unit: float) -> Line:
    points = [
        (float(one["rows"]), one[name] / unit)
        for one in result["by_rows"]
        if one["readers"] == readers
    ]
    return Line(f"{readers} reader{'s' * (readers > 1)}", points)


def _panel(title: str, lines: Sequence[Line], offset: int, *, logarithmic: bool) -> Iterator[str]:
    columns = sorted({x for line in lines for x, _ in line.points})
    top = max(y for line in lines for _, y in line.points) * 1.1
    low = min(y for line in lines for _, y in line.points) / 1.1 if logarithmic else 0.0

    def across(x: float) -> float:
        first, last = math.log(columns[0]), math.log(columns[-1])
        share = (math.log(x) - first) / (last - first) if last > first else 0.5
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def down(y: float) -> float:
        if logarithmic:
            share = (math.log(y) - math.log(low)) / (math.log(top) - math.log(low))
        else:
            share = y / top
        return offset + _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    yield f'<text x="{_LEFT}" y="{offset + 22}" class="title">{escape(title)}</text>'
    bottom = offset + _HEIGHT - _BOTTOM
    yield f'<path d="M{_LEFT} {offset + _TOP}V{bottom}H{_WIDTH - _RIGHT}" class="axis"/>'
    for x in columns:
        yield f'<text x="{across(x):.0f}" y="{bottom + 18}" class="column">{x:,.0f}</text>'
    for share in (0.0, 0.5, 1.0):
        y = low * (top / low) ** share if logarithmic else top * share
        yield f'<text x="{_LEFT - 6}" y="{down(y) + 4:.0f}" class="row">{y:.3g}</text>'
    for number, line in enumerate(lines):
        colour, dashes = _STYLES[number % len(_STYLES)]
        points = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line.points)
        style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        yield f'<polyline points="{points}" {style}/>'
        label = _LEFT + 20 + number * 120
        yield f'<path d="M{label} {offset + _HEIGHT - 10}h24" {style}/>'
        yield f'<text x="{label + 30}" y="{offset + _HEIGHT - 6}">{escape(line.name)}</text>'


_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"\
 aria-labelledby="told">
<title id="told">{title}</title>
<style>
text {{ font: 13px sans-serif; fill: #222 }}
.title {{ font-weight: bold }}
.column {{ text-anchor: middle }}
.row {{ text-anchor: end }}
.axis {{ fill: none; stroke: #555 }}
</style>
<rect width="{width}" height="{height}" fill="#fff"/>
{body}
</svg>
"""
