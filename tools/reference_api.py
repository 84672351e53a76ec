"""The operations of the reference, from the routes that are served."""

from __future__ import annotations

from typing import Any, cast

from cxport.api import ApiSettings, create_app
from cxport.api.documents import describe
from cxport.services import Services
from tools.table import table


def operations() -> str:
    """List the operations of the contract and what each of them answers."""
    app = create_app(cast("Services", None), ApiSettings())
    found = describe(app, "/udm/v10", "")["paths"]
    rows = [
        (f"`{method.upper()} {path}`", _sentence(operation), ", ".join(operation["responses"]))
        for path, methods in found.items()
        for method, operation in methods.items()
    ]
    return table(("Operation", "What it does", "Answers"), rows)


def _sentence(operation: dict[str, Any]) -> str:
    text = str(operation.get("description") or operation["summary"])
    return " ".join(text.partition("\n\n")[0].split())
