#!/usr/bin/env bash
# A catalogue under bad conditions: names that act on terminals, a file that cannot be written,
# writers that are interrupted or killed, volumes without their index.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
command -v script >/dev/null || skip "no script command"

names=($'new\nline' $'bad-\xff\xfe' $'esc-\x1b[31mred' 'back\slash' ' lead' 'Größe' 'quo"te,comma' '=1+1')
mkdir t
for name in "${names[@]}"; do printf '%s' "$name" >"t/$name"; done
label=$'la\x1b[31mbel\n'
expect 0 "$tapir" archive -q v --label "$label" -C t .
expect 0 "$tapir" catalog add -q v
expect 0 "$tapir" catalog note "$label" $'note\x1b[32m'
expect 0 "$tapir" catalog volumes --location v $'shelf\x1b[33m\xff'

# Raw where no terminal is, nothing that acts where one is.
expect 0 "$tapir" catalog find -0 --type f
(cd t && find . -type f -printf '%P\0' | sort -z) >wanted
cmp <(tr '\0' '\1' <wanted) <(sort -z "$out" | tr '\0' '\1')
expect 0 "$tapir" catalog find
same "$(grep -acF $'esc-\x1b[31mred' "$out")" 1 "raw in a pipe"
! grep -aqF $'la\x1b' "$out" || fail "the label is not escaped"
for arguments in find "find -l" "ls v" "ls v -l" volumes "volumes -l" duplicates \
  "copies --fewer-than 9" "needs" "needs --of v"; do
  # shellcheck disable=SC2086
  TERM=xterm script -qec "$(printf '%q ' "$tapir" catalog $arguments)" /dev/null >screen </dev/null
  [[ -s screen || $arguments == duplicates ]] || fail "nothing from $arguments"
  ! grep -aq $'\x1b' screen || fail "a control character reached the terminal from: $arguments"
done
TERM=xterm script -qec "$(printf '%q ' "$tapir" catalog find)" /dev/null >screen </dev/null
for shown in 'new\nline' 'bad-\xFF\xFE' 'esc-\x1B[31mred' 'back\\slash' '  lead' 'Größe'; do
  tr -d '\r' <screen | grep -aqF -- "$shown" || fail "not shown as $shown: $(cat -v screen)"
done
expect 4 "$tapir" catalog find --volume $'no\x1b[31m' x
! grep -aq $'\x1b' "$err" || fail "a control character in a message"
expect 1 "$tapir" catalog find $'no\x1b[31m'
! grep -aq $'\x1b' "$err" || fail "a control character in a message"
status=0
TERM=xterm script -qec "$(printf '%q ' "$tapir" catalog export csv)" /dev/null >screen </dev/null || status=$?
same "$status" 2 "csv on a terminal"
grep -aqF -- '-o FILE' screen || fail "csv on a terminal: $(cat -v screen)"
! grep -aq $'\x1b' screen || fail "csv acts on a terminal"
expect 0 "$tapir" catalog find --case $'\xc3' -0
same "$(tr -d '\0' <"$out")" 'Größe' "by a part of a character"
expect 0 "$tapir" catalog export jsonl -o all.jsonl
expect 0 "$tapir" catalog export csv -o all.csv
python3 - <<'PY'
import base64, csv, json
def raw(x): return base64.b64decode(x["path_base64"]) if x.get("path_base64") else x["path"].encode()
seen = {raw(json.loads(line)) for line in open("all.jsonl", encoding="utf-8")}
rows = {raw(x) for x in csv.DictReader(open("all.csv", encoding="utf-8", errors="surrogateescape", newline=""))}
assert seen == rows and b"bad-\xff\xfe" in seen and b"new\nline" in seen and b'quo"te,comma' in seen, (seen, rows)
PY
expect 0 "$tapir" catalog find --exact $'bad-\xff\xfe'
expect 0 "$tapir" catalog find $'\xff\xfe' -0
same "$(tr -d '\0' <"$out")" $'bad-\xff\xfe' "bytes that are no characters"

# What looks like an address of a server may have a password in it: no file is called so, and it is not shown.
mistaken=('POSTGRESQL://u:S3cret@h/d' ' postgresql://u:S3cret@h/d' 'postgresql:/u:S3cret@h/d'
  'postgres:u:S3cret@h/d' 'mysql://u:S3cret@h/d' 'host=h password=S3cret' 'host=h PASSWORD = S3cret')
for address in "${mistaken[@]}"; do
  expect 2 "$tapir" catalog volumes --catalog "$address"
  err_lacks S3cret
  expect 2 "$tapir" catalog add --catalog "$address" v
  err_lacks S3cret
  expect 2 "$tapir" verify v --catalog "$address"
  err_lacks S3cret
done
[[ -z $(find . -path '*S3cret*') ]] || fail "a file is called so: $(find . -path '*S3cret*')"

# Looked at where it cannot be written.
database=$XDG_DATA_HOME/tapir/catalog.db
chmod a-w "$database" "${database%/*}"
expect 0 "$tapir" catalog find lead
expect 0 "$tapir" catalog volumes
# As root everything can be written.
as_reader=()
if [[ $EUID -eq 0 ]]; then
  as_reader=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chmod 711 "$scratch"
  chmod -R go+rX .data t v
fi
cp "$tapir" reader
chmod 755 reader
expect 0 "${as_reader[@]}" "$scratch/reader" catalog find lead
expect 4 "${as_reader[@]}" "$scratch/reader" catalog note v x
expect 4 "${as_reader[@]}" "$scratch/reader" catalog add v
expect 4 "${as_reader[@]}" "$scratch/reader" catalog forget v
expect 0 "${as_reader[@]}" "$scratch/reader" catalog volumes --json
same "$(json "$out" 'len(o), len(o[0]["notes"])')" "(1, 1)" "untouched"
# The server shows what others have written since, also while it lies beside the database. Before,
# nothing lies there, not even what readers leave.
[[ ! -s $database-wal ]] || fail "something lies beside the database"
rm -f "$database-wal" "$database-shm"
"${as_reader[@]}" "$scratch/reader" catalog serve --port 0 --json >served 2>"$err" &
serving=$!
at_exit+=("kill $serving 2>/dev/null")
wait_until grep -q url served
volumes_served() {
  python3 -c '
import json, sys, urllib.request
print(len(json.load(urllib.request.urlopen(sys.argv[1] + "api/catalog"))["volumes"]))' \
    "$(json served 'o[0]["url"]')"
}
same "$(volumes_served)" 1 "before"
chmod u+w "$database" "${database%/*}"
python3 - "$database" <<'PY' &
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT count(*) FROM volume").fetchall()
open("held", "w").close()
time.sleep(60)
PY
holding=$!
at_exit+=("kill $holding 2>/dev/null")
wait_until test -e held
expect 0 "$tapir" archive -q w --label second t
expect 0 "$tapir" catalog add -q w
chmod a-w "$database" "${database%/*}"
[[ -s $database-wal ]] || fail "nothing lies beside the database"
same "$(volumes_served)" 2 "what was added while it serves"
kill $holding
wait $holding 2>/dev/null || true
kill -TERM $serving
wait $serving || fail "the server ended with status $?"

# What a writer left that was killed is named, and no form of the name but the one that was given.
chmod u+w "$database" "${database%/*}"
python3 - "$database" <<'PY'
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("UPDATE volume SET location = 'elsewhere'")
database.commit()
os._exit(0)
PY
rm "$database-shm"
chmod a+r "$database"*
chmod a-w "${database%/*}"
expect 4 "${as_reader[@]}" "$scratch/reader" catalog volumes
err_has "$database: whoever wrote it last did not come to an end"
chmod u+w "${database%/*}"
expect 0 "$tapir" catalog note v 'taken in'
chmod a-r "$database"
chmod a-w "${database%/*}"
if [[ $EUID -eq 0 ]]; then
  expect 4 "${as_reader[@]}" "$scratch/reader" catalog volumes
  err_has "$database"
  err_lacks immutable
fi
chmod u+rw "$database" "${database%/*}"

# Interrupted or killed at any moment, nothing half is there: a session is known whole or not at all.
mkdir many
python3 - <<'PY'
import os
for d in range(100):
    os.makedirs(f"many/dir{d}")
    for f in range(200):
        open(f"many/dir{d}/file-{d}-{f}", "w").close()
PY
expect 0 "$tapir" archive -q big --label big many
whole=$(find many | wc -l)
# With job control, jobs in the background may be interrupted.
set -m
for signal in INT TERM KILL; do
  for delay in 0.02 0.06 0.12 0.25; do
    rm -rf killed
    status=0
    "$tapir" catalog add -q --catalog killed/c.db big 2>"$err" &
    adding=$!
    sleep $delay
    kill -$signal $adding 2>/dev/null || true
    wait $adding || status=$?
    # A signal that comes before the command has begun ends it as any other.
    ((status == 0 || status == 130 || status == 137 || status == 143)) || fail "status $status after SIG$signal: $(cat "$err")"
    [[ -e killed/c.db ]] || continue
    count=$("$tapir" catalog find -0 --catalog killed/c.db 2>/dev/null | tr -cd '\0' | wc -c) || true
    ((count == 0 || count == whole)) || fail "$count of $whole objects after SIG$signal at $delay"
  done
done
set +m
expect 0 "$tapir" catalog add -q --catalog killed/c.db big
expect 0 "$tapir" catalog find -0 --catalog killed/c.db
same "$(tr -cd '\0' <"$out" | wc -c)" "$whole" "added after all"
expect 0 "$tapir" catalog check --catalog killed/c.db big

# Without its index a volume is rebuilt by its records.
expect 0 "$tapir" catalog find --json --catalog killed/c.db --type f
sort "$out" >with_index
expect 0 "$tapir" catalog volumes --json --catalog killed/c.db
index_unit=$(json "$out" 'o[0]["sessions"][0]["index_unit"]')
cp big no_index
patch no_index $((index_unit * 4096 + 300)) 0123456789abcdef
expect 3 "$tapir" catalog add --catalog rebuilt.db no_index
err_has "session 1 left out, without an index that can be used; 'tapir catalog rebuild' reads the records"
expect 1 "$tapir" catalog find --catalog rebuilt.db
expect 3 "$tapir" catalog rebuild --catalog rebuilt.db no_index
out_has "no_index: 1 session added"
expect 0 "$tapir" catalog find --json --catalog rebuilt.db --type f
cmp with_index <(sort "$out") || fail "not what the index had"
expect 0 "$tapir" catalog volumes -l --catalog rebuilt.db
out_has "read without its index"
