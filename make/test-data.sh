#!/bin/sh
# Imports the real data sets in a folder and checks their totals.
set -eu

if [ -z "${1:-}" ] || [ ! -d "$1" ]; then
    echo "make: Name the folder with the real data: make test-data DATA=../shared/data" >&2
    exit 1
fi
DATA=$(cd "$1" && pwd)
export DATA
exec sh make/test.sh --test it real_data -- --ignored
