#!/bin/sh
# Build afresh what repo2docker builds from this folder, in a virtual environment, and run the quickstart in it.
set -eu
cd "$(dirname "$0")/.."

wanted=$(sed -n 's/^python-//p' binder/runtime.txt)
python=$(command -v "python$wanted" || command -v "${PYTHON:-python3}")
found=$("$python" -c 'import sys; print("{}.{}".format(*sys.version_info))')
if [ "$found" != "$wanted" ]; then
    echo "binder/runtime.txt wants Python $wanted, and $python is $found; put python$wanted on the PATH, or PYTHON=..." >&2
    exit 1
fi

place=build/binder
rm -rf "$place"
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install -q -r binder/requirements.txt
"$place/venv/bin/python" notebooks/run.py notebooks/00_quickstart.ipynb "$place/quickstart.html"
