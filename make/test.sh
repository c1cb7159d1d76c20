#!/bin/sh
# Formatting, lints and all tests; every step runs, and the last line counts the tests. Arguments go to cargo test.
set -u

# What the API is driven with (tests/it/api/schemathesis.rs).
SCHEMATHESIS=$(sh make/schemathesis.sh)
export SCHEMATHESIS

failures=$(mktemp)
output=$(mktemp)
trap 'rm -f "$failures" "$output"' EXIT
[ ! -t 1 ] || export CARGO_TERM_COLOR=always

step() {
    "$@" || echo "$*" >>"$failures"
}

if [ $# = 0 ]; then
    step cargo fmt --check
    step cargo clippy --locked --all-targets --quiet -- -D warnings
    set -- --no-fail-fast
fi
{ step cargo test --locked "$@"; } 2>&1 | tee "$output"

sed 's/^/make: failed: /' "$failures"
# Each test binary ends with "test result: ok. 12 passed; 0 failed; …".
awk '
    /^test result: / {
        for (i = 2; i <= NF; i++) {
            if ($i == "passed;") passed += $(i - 1)
            if ($i == "failed;") failed += $(i - 1)
        }
    }
    END { printf "%d passed, %d failed\n", passed, failed; exit (passed == 0) }
' "$output" && [ ! -s "$failures" ]
