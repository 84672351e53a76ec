"""The sections of docs/benchmarks.md, one for each step that was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bench.kept import Json

_MB = 1_000_000

_RACES = {
    "postgresql": "PostgreSQL",
    "zip": "At equal compression",
    "loaders": "Beside tools that move tables",
    "sqlite": "SQLite",
    "mariadb": "MariaDB",
    "attachments": "Attachments",
}


def sections(steps: Json) -> Iterator[str]:
    """Give every section that there is something for."""
    others: dict[str, tuple[str, Callable[[Json], str]]] = {
        "memory": ("Memory", _memory),
        "opener": ("Opening", _opener),
        "service": ("What the service adds", _service),
        "growth": ("Growth", _growth),
        "control": ("The cost of control", _control),
        "lists": ("Lists", _lists),
        "console": ("Pages of the console", _console),
    }
    every = {name: (title, _race) for name, title in _RACES.items()} | others
    for name, (title, body) in every.items():
        if name in steps:
            result = steps[name]
            when = f"Measured on {result['on']}, load {result['load']}."
            yield f"## {title}\n\n{body(result)}\n\n{when}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a table."""
    lines = [f"| {' | '.join(row)} |" for row in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def _race(result: Json) -> str:
    first = result["sides"][0]["seconds"]
    rows = [
        [
            one["name"],
            f"{one['seconds']:.2f}",
            f"{first / one['seconds']:.2f}",
            f"{one['processor_seconds']:.2f}",
            f"{one['file_bytes'] / _MB:.0f}",
            f"{one['raw_bytes'] / one['file_bytes']:.2f}",
            f"{one['peak_bytes'] / _MB:.0f}" if one["peak_bytes"] else "",
        ]
        for one in result["sides"]
    ]
    rows += [[name, "not installed", "", "", "", "", ""] for name in result["missing"]]
    head = ["who", "seconds", "times as fast", "processor seconds", "MB", "ratio", "peak MB"]
    return (
        f"{table(head, rows)}\n\n{result['rows']:,} interactions; medians of {result['runs']} runs"
        " of each side. Processor seconds are those of a side's own processes, the database's left"
        " out. Ratio: bytes of lines over bytes of files. Peak: of one reader process."
    )


def _memory(result: Json) -> str:
    rows = [
        ["one reader process (resident)", f"{result['child_bytes'] / _MB:.0f}"],
        ["worker, API and two readers (proportional)", f"{result['tree_bytes'] / _MB:.0f}"],
        ["the worker with the API alone", f"{result['worker_bytes'] / _MB:.0f}"],
        [
            f"a reader with an attachment of {result['content_bytes'] / _MB:,.0f} MB",
            f"{result['attachment_child_bytes'] / _MB:.0f}",
        ],
    ]
    return f"{table(['peak of', 'MB'], rows)}\n\n{result['rows']:,} interactions."


def _opener(result: Json) -> str:
    rows = [
        [
            form,
            f"{one['file_bytes'] / _MB:,.0f}",
            f"{one['seconds']:.2f}",
            f"{result['bytes'] / one['seconds'] / 1e9:.2f}",
            f"{one['peak_bytes'] / _MB:.0f}",
            f"{one['unpack_seconds']:.2f}",
        ]
        for form, one in result["forms"].items()
    ]
    head = ["sealed as", "MB", "seconds to the zip", "GB/s", "peak MB", "seconds to unpack"]
    return (
        f"{table(head, rows)}\n\nMedians of {result['runs']} runs, digest checked; the peak is of"
        " the whole process, Python included."
    )


def _service(result: Json) -> str:
    alone, served = result["alone_seconds"], result["served_seconds"]
    rows = [
        ["the pipeline alone", f"{alone:.2f}"],
        ["from a worker's claim to the manifest", f"{served:.2f}"],
        ["added", f"{served - alone:.2f} ({(served / alone - 1) * 100:.0f} %)"],
    ]
    return (
        f"{table(['a run of ' + format(result['gigabytes'], 'g') + ' GB', 'seconds'], rows)}\n\n"
        f"{result['rows']:,} interactions as S/MIME text, the same parts; medians of"
        f" {result['runs']} runs in turn."
    )


def _growth(result: Json) -> str:
    rows = [
        [
            f"{one['rows']:,}",
            str(one["readers"]),
            f"{one['seconds']:.2f}",
            f"{one['rows'] / one['seconds']:,.0f}",
            f"{one['peak_bytes'] / _MB:.0f}",
        ]
        for one in result["by_rows"]
    ]
    head = ["rows", "readers", "seconds", "rows a second", "peak MB of a reader"]
    parts = [
        [
            str(one["parts"]),
            str(one["readers"]),
            f"{one['seconds']:.2f}",
            f"{one['peak_bytes'] / _MB:.0f}",
        ]
        for one in result["by_parts"]
    ]
    rows_of_parts = result["by_parts"][0]["rows"]
    return (
        "![Seconds and peak memory of a reader by the number of rows; the tables hold the same"
        f" figures](growth.svg)\n\n{table(head, rows)}\n\n"
        f"The same {rows_of_parts:,} rows in more and more parts:\n\n"
        f"{table(['parts', 'readers', 'seconds', 'peak MB of a reader'], parts)}"
    )


def _control(result: Json) -> str:
    create = f"{result['create_p50_ms']:.1f} ms, {result['create_p95_ms']:.1f} ms"
    rows = [
        ["to create a job, over HTTP (half, 95 of 100)", create],
        [
            f"idle service, {result['idle_seconds']:.0f} s: processor, memory",
            f"{result['idle_percent']:.2f} % of a core, {result['idle_bytes'] / _MB:.0f} MB",
        ],
        ["`cxport serve` until it is ready", f"{result['start_seconds']:.2f} s"],
        ["`cxport --help`", f"{result['help_seconds']:.2f} s"],
    ]
    return table(["what", "takes"], rows)


def _lists(result: Json) -> str:
    rows = [
        [
            *(one["store"], one["noun"], one["kind"], str(one["limit_ms"])),
            *(f"{one['p95_ms']:.0f}", f"{one['worst_ms']:.0f}"),
        ]
        for one in result["pages"]
    ]
    head = ["store", "list", "asked for", "must be under, ms", "95 of 100 under", "slowest"]
    return (
        f"{table(head, rows)}\n\n{result['records']:,} jobs, runs and files of one tenant; pages of"
        f" 100, {result['samples']} of each kind, in any order, with filters that match all, half,"
        " few, one or none. Titles and names of files are all different."
    )


def _console(result: Json) -> str:
    rows = [
        [
            *(one["store"], f"`{one['path']}`"),
            *(f"{one[name]:.0f}" for name in ("work_ms", "median_ms", "p95_ms", "worst_ms")),
        ]
        for one in result["pages"]
    ]
    head = ["store", "page", "work, ms", "median", "95 of 100 under", "slowest"]
    return (
        f"{table(head, rows)}\n\nHTML alone, {result['records']:,} jobs, runs and files of one"
        f" tenant, {result['samples']} times each. Work: the service's own processor time."
    )
