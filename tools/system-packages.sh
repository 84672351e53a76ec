#!/usr/bin/env bash
# Installs the programs that the tests start, those that are missing only: as root by itself, else
# it says how. No package among them starts a service.
set -euo pipefail

wanted=(
    "mariadbd mariadb-server-core"
    "my_print_defaults mariadb-client-core"
    "openssl openssl"
    "curl curl"
    "unzip unzip"
    "7z p7zip-full"
    "bsdtar libarchive-tools"
    "jar default-jdk-headless"
    "setpriv util-linux"
    "chromium chromium"
    "npm npm"
    "gcc gcc"
    "python3-config python3-dev"
)

missing=()
for line in "${wanted[@]}"; do
    read -r program package <<<"$line"
    PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
    exit 0
fi

install="apt-get install --yes --no-install-recommends ${missing[*]}"
if [[ $EUID -ne 0 ]]; then
    echo "The tests start programs that are not installed here. Install them: sudo $install" >&2
    exit 1
fi
echo "Installing what the tests start: ${missing[*]} ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
$install -qq >/dev/null
