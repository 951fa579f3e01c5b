#!/bin/sh
# waits: a test waits for a condition, never for time. Only the polling of EVENTUALLY may pause; and
# a bench, which is none, keeps a schedule.
# Usage: waits.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"
bad=$(find tests -name '*.[ch]' ! -path 'tests/support/eventually.[ch]' ! -path 'tests/bench/*' \
          -exec grep -nE '\b(u|nano|clock_nano)?sleep *\(' /dev/null {} + || true)
[ -z "$bad" ] || { echo "$bad"; echo 'use EVENTUALLY(condition, limit_ms)'; exit 1; }
