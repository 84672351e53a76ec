"""What the client shows to its users."""

from __future__ import annotations

import ast
from pathlib import Path

import cxport.client

FOLDER = Path(cxport.client.__file__).parent


def test_public_names_are_complete_and_sorted() -> None:
    """Every public name is there, listed in order, and importable."""
    names = cxport.client.__all__

    assert names == sorted(names)
    assert all(hasattr(cxport.client, name) for name in names)


def test_every_error_of_the_client_is_public() -> None:
    """Whatever the client raises can be caught by a name that its package gives."""
    tree = ast.parse((FOLDER / "errors.py").read_text())
    defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}

    assert defined <= set(cxport.client.__all__)


def test_the_client_needs_nothing_else_of_ours() -> None:
    """The client works over the public API alone: it imports no other package of the project."""
    imported = {
        node.module
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    ours = {name for name in imported if name.startswith("cxport")}

    assert ours
    assert all(name.startswith("cxport.client") for name in ours)
