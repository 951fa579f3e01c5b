#!/bin/sh
# selftest: chaos finds a job that vanished, one that was pushed twice, books that are wrong; and
# nothing where there is nothing. Usage: selftest.sh CHAOS
# A sabotage needs a job in hand at the moment that it looks, and a run ends where it is found: the
# steps are many, and few of them are made.
set -eu
chaos=$1
for sabotage in lose twice count; do
    if "$chaos" --seed 3 --steps 1000 --sabotage "$sabotage" >/dev/null 2>"${TMPDIR:-/tmp}/chaos.$$"; then
        echo "sabotage $sabotage was not found"
        exit 1
    fi
    grep -q '^replay: tests/fault/chaos --seed 3 ' "${TMPDIR:-/tmp}/chaos.$$"
    grep '^BROKEN' "${TMPDIR:-/tmp}/chaos.$$"
    rm -f "${TMPDIR:-/tmp}/chaos.$$"
done
"$chaos" --seed 3 --steps 40
