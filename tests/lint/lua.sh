#!/bin/sh
# lua: the head of a script is its contract, and some calls are not for scripts.
# Usage: lua.sh [TREE]. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"

# head FILE: its leading comment, before the first line of code.
head_of() { sed '/^--/!q' "$1" | grep '^--' || true; }
missing() { head_of "$1" | grep -qiE "$2" || echo "$1: its head does not say $3"; }
forbid() { grep -nE "$2" "$1" | sed "s|^\([0-9]*\):.*|$1:\1: $3|" || true; }

bad=$(for script in redis/lua/*.lua; do
    [ -e "$script" ] || { echo 'redis/lua: no script found'; continue; }
    name=$(basename "$script" .lua)
    missing "$script" "^-- $name: " 'what it does ("-- name: effect")'
    missing "$script" '^-- KEYS ' 'its KEYS'
    missing "$script" '^-- ARGV ' 'its ARGV'
    missing "$script" '^-- Returns ' 'what it returns'
    missing "$script" '\breplay\b' 'why a replay is harmless'
    missing "$script" 'out of memory|read only' 'what happens when Redis is out of memory'
    forbid "$script" '^#!' 'a script with #! is refused whole when Redis is out of memory'
    forbid "$script" 'cjson|cmsgpack' 'scripts never look into payloads'
    forbid "$script" 'tostring *\(' "numbers are written with string.format('%.0f')"
    forbid "$script" "redis\.call\('[A-Z]+', *'" 'a key that is not in KEYS'
    forbid "$script" 'redis\.p?call\(.(KEYS|FLUSH|SCAN|RANDOMKEY)' 'not a command for scripts'
    if grep -q 'unpack *(' "$script"; then
        missing "$script" 'at most [0-9]+|[0-9]+ to [0-9]+' 'how many items it unpacks ("at most N")'
    fi
done)
[ -z "$bad" ] || { echo "$bad"; exit 1; }
