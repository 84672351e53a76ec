#!/usr/bin/env bash
# Makes .venv match the lock files; returns at once when it already does.
# Usage: tools/setup.sh runtime [dev]        PYTHON names the interpreter (python3).
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
bin=.venv/bin

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

check_python() {
    command -v "$python" >/dev/null ||
        fail "There is no $python. Install it: apt-get install python3 python3-venv"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "CXPort needs Python 3.11 or later; $python is $("$python" -V)." \
            "Name another one: make PYTHON=python3.11 ..."
    "$python" -c 'import ensurepip, venv' 2>/dev/null || add_venv
}

# Debian keeps the part of Python that makes environments in a package of its own
add_venv() {
    local package
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
        fail "$python cannot make a virtual environment: it lacks its module venv." \
            "Install it: sudo apt-get install $package"
    fi
    echo "Installing Debian's $package ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "$package" \
        >/dev/null
}

# Stamps hold what was installed, so that a checkout that only touches files installs nothing
fingerprint() {
    { "$bin/python" -V && cat "$@"; } | sha256sum | cut -d ' ' -f 1
}

current() {
    [[ -x $bin/python && -f .venv/stamp-$1 && $(<".venv/stamp-$1") == "$(fingerprint "${@:2}")" ]]
}

stamp() {
    fingerprint "${@:2}" >".venv/stamp-$1"
}

# The lock names every package with its hashes, so pip has nothing to resolve
install_locked() {
    local lock=requirements/$1.txt
    current "$1" "$lock" && return
    echo "Installing $(grep -c '==' "$lock") locked packages into .venv (requirements/$1.txt) ..."
    "$bin/python" -m pip install -qq --require-hashes --no-deps --only-binary :all: -r "$lock"
    stamp "$1" "$lock"
}

# The compiled part is built anew when its sources change, or when what builds it has come
built_from() {
    printf '%s\n' pyproject.toml tools/native.py native/*.[ch]
    command -v gcc python3-config || true
}

install_ourselves() {
    local files
    mapfile -t files < <(built_from)
    current cxport "${files[@]}" && return
    "$bin/python" -m pip install -qq --no-deps --no-build-isolation --editable .
    stamp cxport "${files[@]}"
}

# Programs of other languages that the tests run, each folder locked by itself; npm comes with the
# system packages, and what needs it is installed then
install_npm_locked() {
    local lock folder
    command -v npm >/dev/null || return 0
    for lock in tests/*/package-lock.json; do
        folder=$(dirname "$lock")
        [[ -d $folder/node_modules ]] && current "npm-$(basename "$folder")" "$lock" && continue
        echo "Installing what $lock names ..."
        npm ci --prefix "$folder" --silent --no-audit --no-fund --ignore-scripts
        stamp "npm-$(basename "$folder")" "$lock"
    done
}

make_environment() {
    check_python
    echo "Making the virtual environment .venv ..."
    # One whose interpreter has gone, as after an upgrade of the system, is of no use
    "$bin/python" -c '' 2>/dev/null || rm -rf .venv
    "$python" -m venv .venv
}

"$bin/python" -c 'import pip' 2>/dev/null || make_environment
for layer in build "$@"; do
    install_locked "$layer"
done
install_ourselves
[[ " $* " != *" dev "* ]] || install_npm_locked
