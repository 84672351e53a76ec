"""The members of an enumeration, each with the sentence that stands below it."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType


def members(module: ModuleType, name: str) -> list[tuple[object, str]]:
    """Give value and sentence of each member of a module's class, in their order.

    Raises ValueError for a member without a sentence.
    """
    found = next(
        one
        for one in ast.parse(inspect.getsource(module)).body
        if isinstance(one, ast.ClassDef) and one.name == name
    )
    lines = [one for one in found.body[1:] if not isinstance(one, ast.FunctionDef)]
    rows = []
    for line, sentence in zip(lines[::2], lines[1::2], strict=True):
        match line, sentence:
            case ast.Assign(value=value), ast.Expr(value=ast.Constant(value=str(text))):
                rows.append((ast.literal_eval(value), text))
            case _:
                raise ValueError(f"{name}: each member needs a sentence below it")
    return rows
