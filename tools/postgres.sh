#!/bin/sh
# A throw-away PostgreSQL cluster for tests, on a free port of the loopback interface.
#
#   tools/postgres.sh start [DIR]   make and start a cluster below DIR (default: a new temporary directory); prints its
#                                   directory and its URL, a line each
#   tools/postgres.sh stop DIR      stop it at once and remove DIR
#
# PostgreSQL refuses to run as root, so root runs it as the user postgres. The cluster trusts every local connection
# and does not wait for the disk unless POOLHOUSE_POSTGRES_DURABLE is set: it is for tests only.
set -eu

fail() { echo "postgres.sh: $*" >&2; exit 1; }

# The highest version number, not the last in the alphabet.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb 2>/dev/null || echo /nonexistent/initdb)")
[ -x "$bin/initdb" ] || fail "PostgreSQL is not installed (Debian: apt-get install postgresql)"

as_owner() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
    dir=${1:-$(mktemp -d "${TMPDIR:-/tmp}/poolhouse-postgres.XXXXXX")}
    mkdir -p "$dir"
    [ "$(id -u)" != 0 ] || chown postgres "$dir"
    cd "$dir"
    as_owner "$bin/initdb" -D "$dir/data" -A trust -U poolhouse -E UTF8 --no-locale --no-sync >"$dir/initdb.log" 2>&1 ||
        fail "initdb failed, see $dir/initdb.log"
    options="-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
    [ -n "${POOLHOUSE_POSTGRES_DURABLE:-}" ] || options="$options -c fsync=off -c full_page_writes=off"
    # Between finding a free port and taking it, somebody else may be quicker.
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        if as_owner "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/server.log" -o "$options -p $port" start >/dev/null 2>&1
        then
            echo "$dir"
            echo "postgresql://poolhouse@127.0.0.1:$port/postgres"
            return
        fi
    done
    fail "the server does not start, see $dir/server.log"
}

stop() {
    [ -f "$1/data/PG_VERSION" ] || fail "no cluster in $1"
    cd "$1"
    as_owner "$bin/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1 || true
    cd /
    rm -rf "$1"
}

case "${1:-}" in
    start) start "${2:-}" ;;
    stop) [ -n "${2:-}" ] || fail "stop needs the directory"; stop "$2" ;;
    *) fail "usage: postgres.sh start [DIR] | stop DIR" ;;
esac
