"""Writes the parts of docs/reference that say what the code says: `make reference`.

A page marks such a part by two comments, `<!-- begin NAME -->` and `<!-- end NAME -->`. A test
compares each page with what would be written now, so the documentation cannot fall behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from pydantic import SecretStr

from cxport.config import Settings
from cxport.domain import audit, notice
from cxport.domain.access import FAMILIES, PERMISSIONS, Action
from cxport.domain.run import Status
from tools.reference_api import operations
from tools.reference_cli import commands, exit_codes
from tools.reference_fields import fields
from tools.reference_metrics import metric_table
from tools.table import table
from tools.vocabulary import members

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "reference"

_MAPPING = ROOT / "src" / "cxport" / "sources" / "mappings" / "ucs85.toml"
_PART = re.compile(r"(<!-- begin ([a-z-]+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)


def settings() -> str:
    """List every setting."""
    rows = [
        (f"`{name}`", f"`CXPORT_{name.upper()}`", _default(found.default), found.description or "")
        for name, found in Settings.model_fields.items()
    ]
    return table(("Setting", "Variable", "Default", "Meaning"), rows)


def _default(value: object) -> str:
    shown = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "" if shown in {None, "", ()} else f"`{shown}`"


def states() -> str:
    """List the states of a run."""
    rows = [(f"`{one}`", one.label, "yes" if one.ended else "") for one in Status]
    return table(("Value", "Label", "Has ended"), rows)


def roles() -> str:
    """List what each role may do."""
    rows = [
        (role, *("yes" if action in allowed else "" for action in Action), _shown(role))
        for role, allowed in PERMISSIONS.items()
    ]
    return table(("Role", *(f"`{action}`" for action in Action), "Sees"), rows)


def _shown(role: str) -> str:
    return ", ".join(sorted(next(seen for known, seen in FAMILIES.items() if known == role)))


def events() -> str:
    """List what can be subscribed to, and what a test sends."""
    return _vocabulary(notice, "Event")


def acts() -> str:
    """List what stands in the audit record."""
    return _vocabulary(audit, "Act")


def _vocabulary(module: ModuleType, name: str) -> str:
    rows = [(f"`{word}`", text) for word, text in members(module, name)]
    return table((name, "Meaning"), rows)


def mapping() -> str:
    """Show the mapping that comes with the package."""
    return f"```toml\n{_MAPPING.read_text('utf-8')}```\n"


PARTS: dict[str, Callable[[], str]] = {
    "acts": acts,
    "commands": commands,
    "events": events,
    "exit-codes": exit_codes,
    "fields": fields,
    "mapping": mapping,
    "metrics": metric_table,
    "operations": operations,
    "roles": roles,
    "settings": settings,
    "states": states,
}


def renewed(text: str) -> str:
    """Give the text of a page with its marked parts written anew."""
    return _PART.sub(lambda part: f"{part[1]}\n{PARTS[part[2]]()}\n{part[3]}", text)


def main() -> None:
    """Write every page anew."""
    for page in sorted(PAGES.glob("*.md")):
        page.write_text(renewed(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
