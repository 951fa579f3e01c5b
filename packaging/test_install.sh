#!/bin/sh
# test_install: `cmake --install` into a temporary DESTDIR gives a tree that is whole and works.
# Usage: test_install.sh CMAKE BUILD_DIR PREFIX
set -eu
cmake=$1 build=$(realpath "$2") prefix=$3
dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT
fail() { echo "install: $*"; exit 1; }

DESTDIR=$dest "$cmake" --install "$build" >"$dest/log" || { cat "$dest/log"; fail 'cmake --install failed'; }
root=$dest$prefix

for file in bin/navvy lib/systemd/system/navvy.service share/doc/navvy/README.md \
            share/doc/navvy/LICENSE share/doc/navvy/examples/demo.yaml \
            share/doc/navvy/examples/navvy.yaml share/man/man1/navvy.1 share/man/man5/navvy.yaml.5 \
            include/navvy/handler.h share/pkgconfig/navvy.pc; do
    [ -f "$root/$file" ] || fail "$file is missing"
done
grep -q "^ExecStart=$prefix/bin/navvy run " "$root/lib/systemd/system/navvy.service" ||
    fail 'the unit does not start the installed program'
! grep -q '@[A-Z_]*@' "$root/lib/systemd/system/navvy.service" || fail 'the unit has an unfilled name'

"$root/bin/navvy" version || fail 'the installed program does not run'
cd "$root/share/doc/navvy" # handlers of the samples are named from here
for sample in examples/*.yaml; do
    "$root/bin/navvy" check --config "$sample" >/dev/null || fail "$(basename "$sample") is not accepted"
done

for page in "$root"/share/man/man*/*; do
    [ -e "$page" ] || continue
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$page" || fail "$(basename "$page") is not a clean man page"
    fi
done
if command -v systemd-analyze >/dev/null; then
    systemd-analyze verify --man=no "$root/lib/systemd/system/navvy.service" 2>&1 |
        grep -v 'navvy is not executable' >"$dest/verify" || true
    ! grep -q navvy.service "$dest/verify" || { cat "$dest/verify"; fail 'systemd refuses the unit'; }
fi
echo 'the installed tree is whole'
