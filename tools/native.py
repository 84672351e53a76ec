"""Builds the compiled part, native/*.c, into the wheel or, for an editable install, into src/.

A hook of hatchling (its documentation: "Custom build hook"). Compiled code is optional: where a
C compiler or Python's headers are missing, the wheel is the pure one, and the build says so. It
uses the stable ABI, so one wheel serves every Python from 3.11 on.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SOURCES = ("native/transcode.c", "native/base64.c", "native/module.c")
_EXTENSION = "src/cxport/formats/_transcoder.abi3.so"

#: Nothing of the place or the time gets into the file: the same sources give the same bytes.
_FLAGS = (
    *("-std=c11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden"),
    *("-Wall", "-Wextra", "-Wl,--as-needed"),
)


class NativeBuildHook(BuildHookInterface[Any]):
    """Compiles before a wheel is packed, and tells hatchling what it is then."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; `version` is `standard` or `editable`."""
        del version
        trouble = compile_into(Path(self.root), Path(self.root) / _EXTENSION)
        if trouble:
            self.app.display_warning(f"built without compiled code, which is slower: {trouble}")
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"cp311-abi3-{platform}"
        build_data["pure_python"] = False
        build_data["artifacts"].append(_EXTENSION)


def compile_into(root: Path, extension: Path) -> str:
    """Compile the extension; give what kept it from being compiled, else nothing.

    It appears whole: a process that has the one before loaded keeps it. Where it cannot be
    compiled, one that was there before is removed, as it may not fit the sources.
    """
    if sys.platform != "linux":
        return f"it is not built for {sys.platform}"
    with tempfile.TemporaryDirectory(dir=extension.parent) as folder:
        draft = Path(folder) / extension.name
        trouble = _run([*_compiler(), *_FLAGS, *_SOURCES, "-o", str(draft)], root)
        if trouble:
            extension.unlink(missing_ok=True)
        else:
            draft.replace(extension)
    return trouble


def _compiler() -> list[str]:
    named = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    return [*shlex.split(named), f"-I{sysconfig.get_path('include')}"]


def _run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return f"there is no C compiler ({command[0]})"
    if done.returncode == 0:
        return ""
    return next((line for line in done.stderr.splitlines() if "error" in line), "it fails")
