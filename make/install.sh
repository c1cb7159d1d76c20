#!/bin/sh
# Installs what is missing of its arguments, and says so: server headers compiler node browser redis nginx wrk
# python.
# Debian and Ubuntu as root or with sudo, macOS with Homebrew. With nothing missing it does nothing, quickly.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

# PostgreSQL 14 or newer with its server programs, where the program looks for them (src/db/cluster/binaries.rs).
has_server() {
    for bin in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin "$(dirname "$(command -v postgres || echo /)")"; do
        if [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ]; then
            major=$("$bin/postgres" --version | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
            [ "${major:-0}" -lt 14 ] || return 0
        fi
    done
    return 1
}

# The client library to link with, and its headers.
has_headers() {
    has pg_config || return 1
    [ -e "$(pg_config --includedir 2>/dev/null)/libpq-fe.h" ] || return 1
    for library in "$(pg_config --libdir 2>/dev/null)"/libpq.*; do
        [ ! -e "$library" ] || return 0
    done
    return 1
}

has_compiler() { has cc; }

has_node() { has node && has npm; }

has_browser() {
    has chromedriver || return 1
    has chromium || has chromium-browser || has google-chrome || [ -d "/Applications/Google Chrome.app" ]
}

has_redis() { has redis-server; }

# Debian puts it where only root looks.
has_nginx() { has nginx || [ -x /usr/sbin/nginx ]; }

has_wrk() { has wrk; }

has_python() { python3 -c "import ensurepip, venv" 2>/dev/null; }

meaning() {
    case $1 in
    server) echo "a PostgreSQL server (14 or newer)" ;;
    headers) echo "libpq with its headers" ;;
    compiler) echo "a C compiler" ;;
    node) echo "Node.js with npm" ;;
    browser) echo "Chromium with its driver" ;;
    redis) echo "a Redis server" ;;
    nginx) echo "nginx" ;;
    wrk) echo "wrk, a load generator," ;;
    python) echo "Python 3 with venv" ;;
    esac
}

fail() {
    echo "make: $1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif has sudo; then
        sudo "$@"
    else
        fail "Installing needs root: run as root, or install sudo."
    fi
}

apt() {
    # Never asks, restarts nothing that runs, and tells of faults only.
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null
}

apt_package() {
    case $1 in
    server) echo postgresql ;;
    headers) echo libpq-dev ;;
    compiler) echo gcc libc6-dev ;;
    node) has node && echo npm || echo nodejs npm ;;
    redis) echo redis-server ;;
    nginx) echo nginx ;;
    wrk) echo wrk ;;
    python) echo python3 python3-venv ;;
    browser)
        # Ubuntu names them differently.
        if apt-cache policy chromium-driver | grep -q 'Candidate: [0-9]'; then
            echo chromium chromium-driver
        else
            echo chromium-browser chromium-chromedriver
        fi
        ;;
    esac
}

install_with_apt() {
    # The lists of a fresh machine are empty or old. A source that fails shouldn't stop the others.
    apt update || echo "make: not every package list could be renewed; going on with those there are." >&2
    packages=
    for missing; do
        if [ "$missing" = server ]; then
            keep_port_5432_free
        fi
        packages="$packages $(apt_package "$missing")"
    done
    # shellcheck disable=SC2086
    without_services apt install --yes --no-install-recommends --no-upgrade $packages
    for missing; do
        case $missing in
        redis) not_at_boot redis-server ;;
        nginx) not_at_boot nginx ;;
        esac
    done
}

# Debian starts what it installs, on ports that everybody knows; the tests start their own.
without_services() {
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
    if "$@"; then installed=0; else installed=$?; fi
    as_root rm -f "$policy"
    return "$installed"
}

not_at_boot() {
    [ ! -d /run/systemd/system ] || as_root systemctl disable --quiet "$1" 2>/dev/null || true
}

# Debian starts a cluster of its own on 5432 when a server is installed; nobody asked for that. Clusters that are
# there already stay as they are.
keep_port_5432_free() {
    conf=/etc/postgresql-common/createcluster.conf
    apt install --yes --no-install-recommends --no-upgrade postgresql-common
    if ! grep -Eq '^[[:space:]]*create_main_cluster[[:space:]]*=[[:space:]]*(false|off|no|0)' "$conf" 2>/dev/null; then
        echo "make: setting create_main_cluster = false in $conf, so that no second server starts." >&2
        as_root sh -c "sed -i 's/^[[:space:]]*create_main_cluster/#&/' '$conf' 2>/dev/null
            printf '\n# Set by Clientele: installing a server starts none.\ncreate_main_cluster = false\n' >>'$conf'"
    fi
}

brew_package() {
    case $1 in
    server | headers) echo postgresql@17 ;;
    node) echo node ;;
    redis) echo redis ;;
    nginx) echo nginx ;;
    wrk) echo wrk ;;
    python) echo python3 ;;
    browser) [ -d "/Applications/Google Chrome.app" ] && echo chromedriver || echo google-chrome chromedriver ;;
    compiler) fail "A C compiler is needed: run xcode-select --install, then make again." ;;
    esac
}

install_with_brew() {
    has brew || fail "Homebrew is needed to install the rest; install it, then run make again."
    packages=
    for missing; do
        packages="$packages $(brew_package "$missing")"
    done
    # shellcheck disable=SC2086
    HOMEBREW_NO_AUTO_UPDATE=1 brew install --quiet $packages
    # The packages that came just now, for the check below.
    for bin in /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
        PATH=$PATH:$bin
    done
}

has cargo || fail "The Rust toolchain is needed (cargo is not on the PATH)."

missing=
for wanted; do
    "has_$wanted" || missing="$missing $wanted"
done
[ -n "$missing" ] || exit 0

for wanted in $missing; do
    echo "make: $(meaning "$wanted") is missing; installing it." >&2
done
# shellcheck disable=SC2086
if has apt-get; then
    install_with_apt $missing
elif [ "$(uname -s)" = Darwin ]; then
    install_with_brew $missing
else
    echo "make: This script installs with apt-get or Homebrew only; install these by hand, then run make again." >&2
    exit 1
fi
for wanted in $missing; do
    "has_$wanted" || fail "$(meaning "$wanted") is still missing after the installation; install it by hand, then run make again."
done
