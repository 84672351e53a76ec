"""What the sizing model says, as docs/howto/size.md has it."""

from __future__ import annotations

from bench.kept import Json
from bench.sections import table
from bench.sizing import TOLERANCE, Costs, Demand, Need, hosts, needs

_MB = 1_000_000


def sizing_words(measured: Json | None, demand: Demand | None = None) -> str:
    """Give figures, check and needs; nothing of it is known where nothing was measured."""
    if measured is None:
        return "Nothing has been measured: `python -m bench sizing --write`."
    costs, demand = Costs.of(measured["costs"]), demand or Demand()
    return "\n\n".join(
        [
            _figures(costs, measured),
            _checks(measured),
            _asked(costs, demand),
            _needed(needs(costs, demand)),
        ]
    )


def _figures(costs: Costs, measured: Json) -> str:
    rows = [
        ["rows a second, one part alone", f"{1 / costs.row_seconds:,.0f}"],
        ["rows a second a core of a worker, the source elsewhere", f"{costs.core_rows:,.0f}"],
        [
            "rows a second a core, the source on the same cores",
            f"{1 / (costs.worker_row_seconds + costs.source_row_seconds):,.0f}",
        ],
        ["seconds of a run, besides", f"{costs.run_seconds:.2f}"],
        ["seconds of a part, besides", f"{costs.part_seconds:.2f}"],
        ["seconds from a job to a free worker's claim", f"{costs.queue_seconds:.2f}"],
        ["memory of a worker, MB", f"{costs.worker_bytes / _MB:.0f}"],
        ["and of each part at a time, MB", f"{costs.reader_bytes / _MB:.0f}"],
        ["connections of a worker to the store", f"{costs.worker_connections}"],
        [
            "operations of the engine a run, and a part",
            f"{costs.run_operations:.0f}, {costs.part_operations:.1f}",
        ],
    ]
    when = f"Measured on {measured['on']}, load {measured['load']}, out of PostgreSQL."
    return f"{table(['what', 'figure'], rows)}\n\n{when}"


def _checks(measured: Json) -> str:
    rows = [
        [
            str(one["workers"]),
            f"{one['predicted_seconds']:.1f}",
            f"{one['measured_seconds']:.1f}",
            f"{one['off'] * 100:+.0f} %",
            f"{one['predicted_bytes'] / _MB:.0f}, {one['measured_bytes'] / _MB:.0f}",
        ]
        for one in measured["checks"]
    ]
    verdict = "is not kept" if measured["failed"] else "is kept"
    head = ["workers", "predicted, s", "measured, s", "off", "MB of a worker: predicted, measured"]
    return (
        f"{table(head, rows)}\n\n{measured['rows']:,} rows, source, store and workers on the same"
        f" cores. A limit of {TOLERANCE:.0%} {verdict}."
    )


def _asked(costs: Costs, demand: Demand) -> str:
    rate = demand.all_rows / (demand.first_days * 86_400)
    daily = demand.daily_rows / (demand.hours * 3600)
    first_hosts, daily_hosts = (hosts(costs, demand, one) for one in (rate, daily))
    return (
        f"**{demand.tenants:,} tenants of {demand.interactions:,} interactions.** All of it once in"
        f" {demand.first_days} days is {rate:,.0f} rows a second:"
        f" {_hosts(first_hosts)} of {demand.cores} cores. A day's share, where {demand.kept_days:,}"
        f" days are kept, within {demand.hours:g} hours is {daily:,.0f} rows a second:"
        f" {_hosts(daily_hosts)}. Files of the first export are"
        f" {demand.all_rows * costs.sealed_row_bytes / 1e12:,.0f} TB"
        f" ({demand.all_rows * costs.row_bytes / 1e12:,.0f} TB of lines); of a day"
        f" {demand.daily_rows * costs.sealed_row_bytes / 1e12:,.2f} TB, kept for"
        f" {demand.retention_days} days. That is"
        f" {demand.all_rows / demand.part_rows:,.0f} parts of {demand.part_rows:,} rows."
    )


def _needed(found: list[Need]) -> str:
    rows = [
        [
            one.what,
            f"{one.first:,.1f} {one.unit}",
            f"{one.daily:,.2f} {one.unit}",
            f"{one.has:,.0f}: {one.has_is}",
            f"{one.load:.2f}",
            one.lifted_by,
        ]
        for one in found
    ]
    head = ["limit", "first export", "daily", "what there is", "times used", "what lifts it"]
    return f"{table(head, rows)}\n\nThe limit that is met first is {found[0].what}."


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"
