#!/usr/bin/env bash
# Writes requirements/*.txt from pyproject.toml: every package with its version and its hashes, for
# Linux, Python 3.11 and later. A release younger than a week is not taken: most bad ones are found
# by then. Options are passed on to uv, as in: make lock LOCK="--upgrade-package fastapi"
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --exclude-newer "7 days" \
        --custom-compile-command "make lock" --output-file "requirements/$1.txt" "${@:2}"
}

compile runtime pyproject.toml "$@"
compile dev pyproject.toml --group dev --constraint requirements/runtime.txt "$@"
compile build --group build --constraint requirements/dev.txt "$@"
