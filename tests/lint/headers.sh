#!/bin/sh
# headers: each compiles alone, twice in one file, and without a warning.
# Usage: headers.sh [TREE]. CC and CFLAGS as usual. Prints offenders and fails if there are any.
set -eu
cd "${1:-.}"
libraries=$(pkg-config --cflags hiredis libevent_core libcrypto yaml-0.1 jansson cmocka 2>/dev/null || true)

compiles() {
    printf '#include "%s"\n#include "%s"\n' "$1" "$1" |
        ${CC:-cc} -std=c11 -D_GNU_SOURCE '-DTEST_PLUGINS=""' -I. -Iinclude $libraries ${CFLAGS:-} -Wall -Wextra -Wstrict-prototypes \
            -Werror -fsyntax-only -x c -
}

failed=0
for header in $(find . -path ./build -prune -o -path ./.git -prune -o -name '*.h' -print | sort); do
    compiles "${header#./}" || { echo "${header#./}: does not compile alone"; failed=1; }
done
exit $failed
