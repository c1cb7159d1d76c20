# The whole vocabulary:
#   make build                 the npm packages, then the release binary
#   make run                   installs what is missing, builds, and starts the console on its own PostgreSQL
#   make test                  formatting, lints and every test, with a line of counts at the end
#   make test-data DATA=dir    imports the real data sets in dir and checks their totals
#   make bench                 measures speed on a large shop (BENCH_SCALE=0.1 for a tenth of it; docs/benchmarks.md)
# Each does its own set-up. Settings are environment variables; the README lists them.

.PHONY: build run test test-data bench

# Homebrew doesn't put PostgreSQL's tools on the PATH.
export PATH := $(PATH)$(foreach bin,$(wildcard /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin),:$(bin))

build:
	@sh make/install.sh server headers compiler node
	@sh make/packages.sh
	@cargo build --release --locked

run: build
	@exec "$${CARGO_TARGET_DIR:-target}/release/clientele" serve --demo-if-empty

test:
	@sh make/install.sh server headers compiler node browser redis nginx
	@sh make/packages.sh
	@sh make/test.sh

test-data:
	@sh make/install.sh server headers compiler node
	@sh make/packages.sh
	@sh make/test-data.sh "$(DATA)"

bench:
	@sh make/install.sh server headers compiler node wrk
	@sh make/packages.sh
	@sh make/bench.sh
