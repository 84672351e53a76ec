"""The operations of the reference, from the routes that are served."""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI

from cxport.api import ApiSettings, create_app
from cxport.api.documents import describe
from cxport.services import Services
from tools.table import table

_DOCUMENT = "/openapi.json"


def operations() -> str:
    """List the operations of each version of the contract and what each of them answers."""
    app = create_app(cast("Services", None), ApiSettings())
    paths = [str(getattr(route, "path", "")) for route in app.routes]
    versions = [path.removesuffix(_DOCUMENT) for path in paths if path.endswith(_DOCUMENT)]
    return "\n".join(f"### {one}\n\n{_listed(app, one)}" for one in versions)


def _listed(app: FastAPI, prefix: str) -> str:
    rows = [
        (f"`{method.upper()} {path}`", _sentence(operation), _answers(operation))
        for path, methods in describe(app, prefix, "")["paths"].items()
        for method, operation in methods.items()
    ]
    return table(("Operation", "What it does", "Answers"), rows)


def _sentence(operation: dict[str, Any]) -> str:
    text = str(operation.get("description") or operation["summary"])
    return " ".join(text.partition("\n\n")[0].split())


def _answers(operation: dict[str, Any]) -> str:
    return ", ".join(sorted(operation["responses"]))
