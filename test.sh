#!/usr/bin/env bash
# Runs every test, and says every ten seconds how far it is. At the end it names what failed, each with the start of its message.
# The last line is "N passed, N failed", with ", N skipped" if some were.
#
#   ./test.sh [options of dotnet test]
#
# PostgreSQL, Node and Chromium are installed from the system's packages if they are missing and that is allowed. FORGE_TEST_POSTGRES names a
# server to use instead (a connection string that may create databases), and FORGE_TEST_CHROMIUM a browser.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

has_postgres() {
    local folder
    for folder in ${PATH//:/ } /usr/lib/postgresql/*/bin /usr/local/bin /usr/local/pgsql/bin /usr/pgsql-*/bin; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            return 0
        fi
    done
    return 1
}

# Installs a program from the system's packages: its name, and the packages by the names that apt, dnf and apk know them by.
install() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "$1 is not installed, and only root can install it." >&2
        return 1
    fi
    echo "$1 is not installed; installing it." >&2
    # Each may be several packages.
    # shellcheck disable=SC2086
    if command -v apt-get >/dev/null; then
        apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $2 >&2
    elif command -v dnf >/dev/null; then
        dnf install -y -q $3 >&2
    elif command -v apk >/dev/null; then
        apk add --quiet $4 >&2
    else
        echo "This system has no package manager that is known here." >&2
        return 1
    fi
}

postgres=present
if [ -z "${FORGE_TEST_POSTGRES:-}" ] && ! has_postgres; then
    install PostgreSQL postgresql postgresql-server postgresql || true
    if ! has_postgres; then
        postgres=missing
        echo "The tests that need PostgreSQL cannot run: install PostgreSQL 15 or later, or set FORGE_TEST_POSTGRES." >&2
    fi
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    install Node "nodejs npm" "nodejs npm" "nodejs npm" ||
        echo "The tests of the npm packages cannot run: install Node 20 or later." >&2
fi

has_chromium() {
    [ -n "${FORGE_TEST_CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
        command -v google-chrome >/dev/null || command -v google-chrome-stable >/dev/null
}

if ! has_chromium; then
    install Chromium chromium chromium chromium ||
        echo "The tests of the timeline cannot run: install Chromium, or set FORGE_TEST_CHROMIUM." >&2
fi

# Counts what passed in place of a line for each, and lets everything else through.
show_progress() {
    local line passed=0 told=0 state
    while true; do
        state=0
        IFS= read -r -t 10 line || state=$?
        case $state:$line in
            0:"  Passed "*) passed=$((passed + 1)) ;;
            0:*) printf '%s\n' "$line" ;;
            *) [ "$state" -gt 128 ] || return ;;
        esac
        if [ $((SECONDS - told)) -ge 10 ]; then
            told=$SECONDS
            echo "$passed passed after $SECONDS s"
        fi
    done
}

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
dotnet test forge.sln --nologo --logger trx --logger "console;verbosity=normal" --results-directory "$results" "$@" | show_progress
status=${PIPESTATUS[0]}

# Adds one counter up over all result files.
sum() {
    local total=0 value
    for value in $(sed -n "s/.*<Counters .*[ ]$1=\"\([0-9]*\)\".*/\1/p" "$results"/*.trx 2>/dev/null); do
        total=$((total + value))
    done
    echo "$total"
}

passed=$(sum passed)
failed=$(($(sum failed) + $(sum error) + $(sum timeout) + $(sum aborted)))
skipped=$(($(sum total) - $(sum executed)))

# Names each test that failed, and the first lines of what it said.
name_failed() {
    awk '
        /<UnitTestResult / && / outcome="(Failed|Error|Timeout|Aborted)"/ {
            match($0, / testName="[^"]*"/)
            print "Failed: " substr($0, RSTART + 11, RLENGTH - 12)
            left = 12
        }
        /<StackTrace>/ { left = 0 }
        left > 0 && /<Message>/ { told = 1 }
        left > 0 && told { gsub(/<[^>]*>/, ""); print "    " $0; left-- }
        /<\/UnitTestResult>/ { told = 0; left = 0 }
    ' "$results"/*.trx 2>/dev/null
}

if [ "$passed" -eq 0 ] || [ "$failed" -gt 0 ]; then
    status=1
    name_failed
fi
if [ "${CI:-}" = true ] && [ "$postgres" = missing ]; then
    status=1
fi
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    echo "The tests did not run to their end, or some of them could not run." >&2
fi

line="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then
    line="$line, $skipped skipped"
fi
echo "$line"
[ "$status" -eq 0 ]
