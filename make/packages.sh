#!/bin/sh
# Brings the front-end packages to what package-lock.json says; does nothing when they are.
set -eu

up_to_date() {
    [ -e node_modules/.package-lock.json ] && node -e '
        const wanted = require("./package-lock.json").packages;
        const there = require("./node_modules/.package-lock.json").packages;
        const same = (path) => (there[path] || {}).version === wanted[path].version || wanted[path].optional;
        process.exit(Object.keys(wanted).every((path) => path === "" || same(path)) ? 0 : 1);
    '
}

if ! up_to_date; then
    echo "make: installing the front-end packages." >&2
    npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2
fi
