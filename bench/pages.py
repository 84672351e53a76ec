"""The pages that are written from the results: docs/benchmarks.md, and the sizes of docs/howto."""

from __future__ import annotations

import re

from bench import kept
from bench.goals import goals
from bench.kept import DOCS, Json
from bench.picture import growth_picture
from bench.sections import sections
from bench.sizing_words import sizing_words

PAGE = DOCS / "benchmarks.md"
PICTURE = DOCS / "growth.svg"
SIZE = DOCS / "howto" / "size.md"

_MARKED = re.compile(r"(<!-- sizing begins -->\n).*?(<!-- sizing ends -->)", re.DOTALL)


def write(results: Json) -> None:
    """Keep the results, and write all that is made from them."""
    kept.keep(results)
    PAGE.write_text(benchmarks(results))
    SIZE.write_text(sized(SIZE.read_text(), results))
    if "growth" in results["steps"]:
        PICTURE.write_text(growth_picture(results["steps"]["growth"]))


def sized(page: str, results: Json) -> str:
    """Put what the model says between the marks of a page."""
    words = sizing_words(results["steps"].get("sizing"))
    return _MARKED.sub(lambda found: f"{found[1]}\n{words}\n\n{found[2]}", page)


def benchmarks(results: Json) -> str:
    """Give docs/benchmarks.md."""
    found = results["machine"]
    machine = [f"- {found['cores']} cores of {found['processor']}, {found['system']}"]
    machine += [f"- Python {found['python']}"]
    machine += [f"- {program}" for program in found["programs"]]
    return _TEXT.format(
        goals=goals(results["steps"]),
        sections="\n\n".join(sections(results["steps"])),
        machine="\n".join(machine),
    )


_TEXT = """# Benchmarks

CXPort measured: beside what people type, and for itself. Written by `make bench`, whose results
stand in `docs/benchmarks.json`. "Load" is that of the machine before anything was started: other
work spoils times, ours most, as we use every core where `gzip` keeps one busy.

## Goals

{goals}

{sections}

## What is compared

- **CXPort**: the whole path of a worker: two reader processes start, share one snapshot, plan, read
  every entity with its own table, write JSON Lines with their schemas, zip, seal as binary CMS,
  count and digest, and store objects durably. "Pure Python" is the same without the compiled
  code; "text" is sealed as S/MIME text, the form that the product writes and the others do not.
- **typed**: `psql | gzip -1 | openssl cms -encrypt -stream -aes256`, where psql runs `COPY (SELECT
  row_to_json(t) ...) TO STDOUT` of each entity joined with its own table; or `sqlite3` and
  `mariadb` with `json_object`. It keeps no count and no digest, and cannot be resumed. The level of
  `zip` is the one whose ratio is next to ours.
- **dlt** and **sling** write plain JSON Lines of the same queries, neither zipped nor sealed, in
  forms of their own.

Sides run in turn. What each wrote first is opened (with OpenSSL), and its rows are compared: their
number, all ids, and all values of one row in ten; of dlt and sling number and ids, of attachments
the contents. The sample contact centre (`cxport sample`) has about 2.6 KB a row as JSON.

## The machine

{machine}

## How to repeat it

    make peers    # dlt and sling, into build/peers
    make bench

Or step by step: `python -m bench postgresql memory --write` measures these two and leaves what is
known of the others; `python -m bench --help` names the steps, how long each takes and what can be
varied. `python -m bench service --gigabytes 10 --write` makes the long run. A side that is not
installed is left out and named; Debian's package `isal` brings `igzip`.
"""
