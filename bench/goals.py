"""What was set as a goal, beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.kept import Json

_MIB = 1 << 20


@dataclass(frozen=True)
class Goal:
    """A figure of a step; where `most`, it must be under `least`, else over it."""

    what: str
    step: str
    figure: Callable[[Json], float | None]
    least: float
    aim: float
    unit: str = ""
    most: bool = False


def ratio(slow: str, fast: str = "CXPort") -> Callable[[Json], float | None]:
    """Give how many times as fast one side of a race is as another."""

    def found(result: Json) -> float | None:
        seconds = {one["name"]: one["seconds"] for one in result["sides"]}
        slower = next((taken for name, taken in seconds.items() if name.startswith(slow)), None)
        return slower / seconds[fast] if slower and fast in seconds else None

    return found


def _text_costs(result: Json) -> float | None:
    faster = ratio("CXPort, text")(result)
    return (faster - 1) * 100 if faster else None


def _added(result: Json) -> float:
    added: float = result["served_seconds"] - result["alone_seconds"]
    return added


def _slowest(kind: str = "") -> Callable[[Json], float | None]:
    """Give the worst p95 of all pages, or of those of one kind."""

    def found(result: Json) -> float | None:
        asked = [one["p95_ms"] for one in result["pages"] if one.get("kind", "") == kind]
        return max(asked, default=None)

    return found


GOALS = (
    Goal("against `psql | gzip -1 | openssl cms`", "postgresql", ratio("typed, gzip"), 3.5, 4.5),
    Goal(
        "the same, pure Python",
        "postgresql",
        ratio("typed, gzip", "CXPort, pure Python"),
        2.0,
        2.7,
    ),
    Goal("against igzip", "postgresql", ratio("typed, igzip"), 2.0, 2.5),
    Goal("against zip, at equal ratio", "zip", ratio("typed, zip"), 4.0, 4.7),
    Goal("against dlt, plain", "loaders", ratio("dlt"), 5, 8),
    Goal("against sling, plain", "loaders", ratio("sling"), 3.5, 4.5),
    Goal("SQLite against its peer", "sqlite", ratio("typed, gzip"), 2.5, 3.5),
    Goal("MariaDB against its peer", "mariadb", ratio("typed, gzip"), 2.5, 3.5),
    Goal("attachments against the peer", "attachments", ratio("typed, gzip"), 6, 8),
    Goal(
        "memory of one reader", "memory", lambda one: one["child_bytes"] / _MIB, 96, 64, "MiB", True
    ),
    Goal(
        "memory of a worker with two readers",
        "memory",
        lambda one: one["tree_bytes"] / _MIB,
        288,
        220,
        "MiB",
        True,
    ),
    Goal(
        "memory of a reader with the largest attachment",
        "memory",
        lambda one: one["attachment_child_bytes"] / _MIB,
        128,
        96,
        "MiB",
        True,
    ),
    Goal(
        "opening sealed DER",
        "opener",
        lambda one: one["bytes"] / one["forms"]["DER"]["seconds"] / 1e9,
        0.7,
        0.9,
        "GB/s",
    ),
    Goal("S/MIME text over DER", "postgresql", _text_costs, 15, 5, "%", True),
    Goal("what the service adds to a run", "service", _added, 3, 1.5, "s", True),
    Goal("lists, no filter", "lists", _slowest("no filter"), 150, 150, "ms", True),
    Goal("lists, one filter", "lists", _slowest("one filter"), 150, 150, "ms", True),
    Goal("lists, more filters", "lists", _slowest("two to four filters"), 600, 600, "ms", True),
    Goal("pages of the console", "console", _slowest(), 200, 200, "ms", True),
)


def goals(steps: Json) -> str:
    """Give the goals as a table; what was not measured says so."""
    head = ["| what | measured | goal | aim |", "|---|---|---|---|"]
    return "\n".join([*head, *_rows(steps)])


def _rows(steps: Json) -> Iterator[str]:
    for goal in GOALS:
        figure = goal.figure(steps[goal.step]) if goal.step in steps else None
        bound = "at most" if goal.most else "at least"
        unit = f" {goal.unit}" if goal.unit else ""
        yield (
            f"| {goal.what} | {_said(goal, figure, unit)}"
            f" | {bound} {goal.least:g}{unit} | {goal.aim:g}{unit} |"
        )


def _said(goal: Goal, figure: float | None, unit: str) -> str:
    if figure is None:
        return "not measured"
    met = figure <= goal.least if goal.most else figure >= goal.least
    return f"{figure:.2f}{unit}" + ("" if met else ", missed")
