"""The sizing model: how long exports take, and what a number of tenants needs.

A run takes a fixed time, a time for each part, and a time for its rows. Rows are read at the rate
of one part alone, times the parts that are read at once, until the processors have no more to give.
Its figures (`Costs`) are measured by `python -m bench sizing`, which also holds what the model
predicts for 1, 2 and 4 workers against what they take.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

#: How far a measured run may be from what is predicted.
TOLERANCE = 0.15

_DAY = 86_400
#: What PostgreSQL allows where nobody changed it.
_DEFAULT_CONNECTIONS = 100


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What was measured. Times are seconds."""

    #: Of a run, whatever is in it, from its claim to its manifest.
    run_seconds: float
    #: Of a part, whatever is in it, one after the other.
    part_seconds: float
    #: Of a row, in a part that has the machine for itself.
    row_seconds: float
    #: Processor time of a row: of the worker, and of the database that is read.
    worker_row_seconds: float
    source_row_seconds: float
    #: From the creation of a job to the claim of its run, by a worker that is free.
    queue_seconds: float
    #: Memory of a worker, and of each part that it exports at a time.
    worker_bytes: int
    reader_bytes: int
    #: Connections of a worker to the store.
    worker_connections: int
    #: Steps and workflows that the engine records.
    run_operations: float
    part_operations: float
    #: Of a row: as JSON Lines, and sealed.
    row_bytes: float
    sealed_row_bytes: float

    @staticmethod
    def of(measured: dict[str, Any]) -> Costs:
        """Read them back."""
        return Costs(**measured)

    def kept(self) -> dict[str, Any]:
        """Give them as plain values."""
        return {name: _short(value) for name, value in asdict(self).items()}

    def seconds(self, *, rows: int, parts: int, workers: int, cores: int) -> float:
        """Predict a run, by workers of one part at a time, on so many cores with the source."""
        at_once = parts / math.ceil(parts / workers)
        by_parts = self.row_seconds / at_once
        by_cores = (self.worker_row_seconds + self.source_row_seconds) / cores
        alone = self.run_seconds + parts * self.part_seconds / at_once
        return alone + rows * max(by_parts, by_cores)

    def memory(self, workers: int) -> int:
        """Predict the memory of so many workers of one part at a time."""
        return workers * (self.worker_bytes + self.reader_bytes)

    @property
    def core_rows(self) -> float:
        """Rows a second that a core of a worker's host exports, the source being elsewhere."""
        return 1 / self.worker_row_seconds


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What is to be exported."""

    tenants: int = 1000
    interactions: int = 500_000_000
    #: For how long the source keeps them: a day's share is what a daily increment exports.
    kept_days: int = 7 * 365
    #: In how many days everything is to be exported once.
    first_days: int = 30
    #: In how many hours of a day all increments are to be done.
    hours: float = 4
    part_rows: int = 250_000
    retention_days: int = 30
    #: Cores and parts at a time of a worker's host.
    cores: int = 8

    @property
    def all_rows(self) -> int:
        """Rows of all tenants."""
        return self.tenants * self.interactions

    @property
    def daily_rows(self) -> float:
        """Rows of all tenants that are new in a day."""
        return self.all_rows / self.kept_days


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a demand takes: `load` is how many times over it uses what one has by default."""

    what: str
    first: float
    daily: float
    unit: str
    has: float
    has_is: str
    lifted_by: str

    @property
    def load(self) -> float:
        """How often the first export needs what there is."""
        return self.first / self.has


def needs(costs: Costs, demand: Demand) -> list[Need]:
    """Give what the demand needs, what is met first at the head."""
    rates = (
        demand.all_rows / (demand.first_days * _DAY),
        demand.daily_rows / (demand.hours * 3600),
    )
    found = [
        _cores(costs, demand, rates),
        _source_cores(costs, rates, demand),
        _connections(costs, demand, rates),
        _engine(costs, demand, rates),
        _network(costs, rates),
    ]
    return sorted(found, key=lambda one: -one.load)


def hosts(costs: Costs, demand: Demand, rate: float) -> int:
    """Give the workers' hosts that export so many rows a second."""
    return max(1, math.ceil(rate / (costs.core_rows * demand.cores)))


def _cores(costs: Costs, demand: Demand, rates: tuple[float, float]) -> Need:
    first, daily = (rate / costs.core_rows for rate in rates)
    return Need(
        what="cores of workers",
        first=first,
        daily=daily,
        unit="cores",
        has=demand.cores,
        has_is=f"one host of {demand.cores} cores",
        lifted_by="more hosts with `cxport worker`; their number is not limited by each other",
    )


def _source_cores(costs: Costs, rates: tuple[float, float], demand: Demand) -> Need:
    first, daily = (rate * costs.source_row_seconds / demand.tenants for rate in rates)
    return Need(
        what="cores of each tenant's database",
        first=first,
        daily=daily,
        unit="cores",
        has=1,
        has_is="one core that it can spare",
        lifted_by="a replica to read from, or more time: `--max-rows-per-second`",
    )


def _connections(costs: Costs, demand: Demand, rates: tuple[float, float]) -> Need:
    first, daily = (hosts(costs, demand, rate) * costs.worker_connections for rate in rates)
    return Need(
        what="connections to the store",
        first=first,
        daily=daily,
        unit="connections",
        has=_DEFAULT_CONNECTIONS,
        has_is=f"PostgreSQL's default of {_DEFAULT_CONNECTIONS}",
        lifted_by="`max_connections` of PostgreSQL",
    )


def _engine(costs: Costs, demand: Demand, rates: tuple[float, float]) -> Need:
    parts = rates[0] / demand.part_rows
    # a day's increment is a run of each tenant, and seldom more than one part
    daily_runs = demand.tenants / (demand.hours * 3600)
    daily = daily_runs * (costs.run_operations + costs.part_operations)
    return Need(
        what="operations of the engine",
        first=parts * costs.part_operations,
        daily=daily,
        unit="a second",
        has=costs.part_operations / costs.part_seconds,
        has_is="what one worker of one part at a time was seen to do",
        lifted_by="larger parts: `part_rows`; then a larger server for the store",
    )


def _network(costs: Costs, rates: tuple[float, float]) -> Need:
    first, daily = (rate * costs.sealed_row_bytes / 1e6 for rate in rates)
    return Need(
        what="bytes into the storage",
        first=first,
        daily=daily,
        unit="MB a second",
        has=1250,
        has_is="one network of 10 Gbit/s",
        lifted_by="storage that takes more; each worker uploads for itself",
    )


def _short(value: float) -> float:
    return float(f"{value:.4g}") if isinstance(value, float) else value
