#!/bin/sh
# What the container runs: `docker run IMAGE` serves, `docker run IMAGE keys create laptop` runs that command.
#
# Whether a bind beyond loopback is allowed is decided by copilot-api itself: it refuses to serve on 0.0.0.0
# without a client key and names the command that makes one.
set -eu
umask 077
data="${COPILOT_API_HOME:-${XDG_DATA_HOME:-/data}}"
if ! [ -d "$data" ] || ! [ -w "$data" ]; then
    echo "copilot-api: $data is not a directory that uid $(id -u) may write to." >&2
    echo "Mount a named volume there, or make the folder you mount belong to that uid: chown $(id -u) FOLDER" >&2
    exit 78
fi
exec copilot-api "$@"
