"""The steps by name, each with what it says and how long it takes on two quiet cores."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass

from bench import console, control, growth, lists, memory, opener, races, service, trial
from bench.kept import Json
from bench.work import Grounds


@dataclass(frozen=True)
class Step:
    """One step; minutes are with the sizes that stand by default, samples included."""

    name: str
    minutes: float
    what: str
    run: Callable[[Grounds, Namespace], Json]


STEPS = (
    Step("postgresql", 4.0, "beside psql | gzip -1 | openssl", races.postgresql),
    Step("zip", 2.0, "beside psql | zip | openssl, at our ratio", races.equal_ratio),
    Step("memory", 2.0, "peaks of memory", memory.memory),
    Step("service", 2.0, "what the service adds to the pipeline", service.service),
    Step("opener", 0.5, "opening a sealed file", opener.opener),
    Step("sqlite", 2.0, "beside sqlite3 | gzip -1 | openssl", races.sqlite),
    Step("mariadb", 3.5, "beside mariadb | gzip -1 | openssl", races.mariadb),
    Step("attachments", 2.0, "documents, beside psql | gzip -1 | openssl", races.attachments),
    Step("loaders", 4.0, "beside dlt and sling, writing plain lines", races.loaders),
    Step("sizing", 4.0, "the sizing model against 1, 2 and 4 workers", trial.sizing),
    Step("control", 2.0, "what control costs", control.control),
    Step("growth", 5.0, "how time and memory grow", growth.growth),
    Step("lists", 12.0, "lists of a million records", lists.lists),
    Step("console", 3.0, "pages of the console, with 100,000 records", console.console_pages),
)
