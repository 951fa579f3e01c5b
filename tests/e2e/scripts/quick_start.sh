#!/bin/bash
# quick_start: README.md's quick start works as it is written: its blocks, but for the one that builds,
# run one after the other in an empty folder.
# Usage: quick_start.sh README.md NAVVY
set -eu
readme=$(realpath "$1") navvy=$(realpath "$2")
folder=$(mktemp -d /tmp/navvy-readme.XXXXXX)
trap 'rm -rf "$folder"' EXIT
fail() { echo "quick_start: $*"; cat log; exit 1; }

cd "$folder"
mkdir bin && ln -s "$navvy" bin/navvy
awk '/^## / { here = /^## Quick start/ } !here { next }
     /^```sh/ { inside = 1; block++; next } /^```/ { inside = 0 }
     inside && block > 1' "$readme" >paste
grep -q LPUSH paste || fail 'README.md has no quick start'

# The one second that README gives to the handler is not enough for a sanitizer on a busy machine.
cat >prelude <<'BASH'
set -e
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
sleep() {
    command sleep "$1"
    [ "$1" != 1 ] || until [ -s sent.txt ]; do command sleep 0.1; done
}
BASH
NAVVY_ADMIN_LISTEN=off PATH=$folder/bin:$PATH timeout -k 5 60 bash -c '. ./prelude; . ./paste' >log 2>&1 ||
    fail 'the quick start failed'
[ "$(cat sent.txt)" = 'to email: {"to":"bob"}' ] || fail "unexpected: $(cat sent.txt)"
grep -q '^to email:' log || fail 'cat sent.txt showed nothing'
echo 'the quick start works as written'
