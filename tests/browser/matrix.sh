#!/bin/sh
# The dashboard's main journeys on other versions of ipykernel, each in a virtual environment of its own under build/.
# usage: sh tests/browser/matrix.sh 6.31.0 7.3.0 ...
set -eu
cd "$(dirname "$0")/../.."
for version in "$@"; do
    place="build/matrix-$version"
    test -x "$place/bin/python" || "${PYTHON:-python3}" -m venv "$place"
    "$place/bin/pip" install -q -e '.[labs,test]' "ipykernel==$version"
    echo "=== ipykernel $version"
    "$place/bin/python" -m pytest -q tests/browser -m "browser and not keras" -k "sleeps or run_all or reload or restart"
done
