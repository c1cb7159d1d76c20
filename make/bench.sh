#!/bin/sh
# Measures how fast the program is on a large shop, which is made at the first run and kept (docs/benchmarks.md).
#   BENCH_SCALE       how large the shop is: 1 (default) is the full size, 0.1 a tenth of everything
#   BENCH_SECONDS     how long each measurement lasts (5)
#   BENCH_REPEATS     how often each is done, ours and the floor in turns (3)
#   BENCH_DIR         where the shops are kept (target/bench-data)
#   BENCH_IMPORT_DIR  the folder with the real data sets for the import scenarios (../shared/data)
set -eu

# pgbench lies with the server's programs, which needn't be on the PATH.
for bin in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
    [ ! -d "$bin" ] || PATH=$PATH:$bin
done
export PATH
exec cargo bench --locked --quiet --bench shop
