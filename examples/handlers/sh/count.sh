#!/bin/sh
# A child handler: counts the bytes of each job. With a job a second or less; for more, take another
# language: a shell reads its stdin byte by byte, and starts programs. Try it:
#
#     navvy try greet 'Hello' --config examples/handlers/navvy.yaml --type sh
exec 3>&1 1>&2 # what a command prints goes to the log; answers go to file descriptor 3
export LC_ALL=C # text is bytes

# value KEY LINE: a number or a text without escapes; navvy writes no blanks between keys
value() { printf '%s\n' "$2" | sed -n "s/.*[{,]\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

# handle FILE: says on stdout what becomes of the job
handle() {
    bytes=$(($(wc -c <"$1"))) || return
    echo "\"outcome\":\"done\",\"result\":\"$bytes bytes\""
}

payload=$(mktemp) || exit
trap 'rm -f "$payload"' EXIT
trap 'exit 143' TERM

echo '{"navvy":1}' >&3
while IFS= read -r line; do
    id=$(value id "$line")
    dd bs=1 count="$(value payload_bytes "$line")" of="$payload" 2>/dev/null
    answer=$(handle "$payload") || answer='"outcome":"retry","error":"handle failed; see the log"'
    echo "{\"id\":\"$id\",$answer}" >&3
done
