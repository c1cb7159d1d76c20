#!/bin/sh
# Makes a virtual environment with schemathesis, which the tests drive the API with, and prints where its program is.
# Prints nothing, and why on standard error, where there is no Python and none can be installed.
set -eu

VERSION=4.32.5
place=${CARGO_TARGET_DIR:-target}/schemathesis-$VERSION
program=$place/bin/schemathesis

if [ ! -x "$program" ]; then
    if ! sh make/install.sh python >&2; then
        echo "make: there is no Python 3 with venv; the API is not driven with schemathesis." >&2
        exit 0
    fi
    echo "make: installing schemathesis $VERSION into $place." >&2
    rm -rf "$place"
    if ! { python3 -m venv "$place" && "$place/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$VERSION"; } >&2; then
        rm -rf "$place"
        echo "make: schemathesis can't be installed; the API is not driven with it." >&2
        exit 0
    fi
fi
cd "$(dirname "$program")"
echo "$PWD/schemathesis"
