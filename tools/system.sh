#!/bin/sh
# Installs what pip cannot bring, by Debian's package manager, where it is missing and we may.
# usage: tools/system.sh [package ...]     (default: a browser, a PostgreSQL server, Node, Apache, nginx, Caddy, pebble and glewlwyd, for the tests)
set -eu

wanted="$*"
if [ -z "$wanted" ]; then
    command -v chromium >/dev/null 2>&1 || [ -n "${POOLHOUSE_TEST_CHROMIUM:-}" ] ||
        wanted="$wanted chromium fonts-dejavu-core"
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || [ -n "${POOLHOUSE_TEST_POSTGRES:-}" ] ||
        wanted="$wanted postgresql"
    command -v npm >/dev/null 2>&1 || wanted="$wanted nodejs npm"
    [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || wanted="$wanted apache2-bin libapache2-mod-auth-openidc"
    command -v nginx >/dev/null 2>&1 || wanted="$wanted nginx-light"
    command -v caddy >/dev/null 2>&1 || wanted="$wanted caddy"
    command -v pebble >/dev/null 2>&1 || wanted="$wanted pebble"
    command -v glewlwyd >/dev/null 2>&1 || wanted="$wanted glewlwyd"
fi
[ -n "$wanted" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing:$wanted. Install them with your package manager and try again." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "Missing:$wanted. Run as root: apt-get install$wanted" >&2
    exit 1
fi
echo "Installing:$wanted"
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $wanted >/dev/null
