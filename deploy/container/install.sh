#!/bin/sh
# Install copilot-api into a directory of its own: install.sh /opt/copilot-api
#
# Run from the root of a checkout. Everything comes from the locks, as wheels only: nothing is compiled, so the
# image needs no compiler. The wheel of this project is built in a second environment that is thrown away.
set -eu
prefix="${1:?say where to install, for example /opt/copilot-api}"
python="${PYTHON:-python3}"
building="$(mktemp -d)"
trap 'rm -rf "$building"' EXIT

"$python" -m venv "$building/venv"
"$building/venv/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements/build.txt
"$building/venv/bin/python" -m hatchling build --target wheel --directory "$building/dist" >/dev/null

# The finished environment has no pip: one thing less to keep patched, and nothing there installs anything.
"$python" -m venv --without-pip "$prefix"
"$building/venv/bin/pip" --python "$prefix/bin/python" install --quiet --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements/runtime.txt
"$building/venv/bin/pip" --python "$prefix/bin/python" install --quiet --no-cache-dir --disable-pip-version-check \
    --no-deps --no-index "$building"/dist/*.whl

mkdir -p "$prefix/container"
cp deploy/container/entrypoint.sh deploy/container/healthcheck.py "$prefix/container/"
chmod 0755 "$prefix/container/entrypoint.sh"
