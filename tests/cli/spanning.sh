#!/usr/bin/env bash
# A session on several volumes of one set.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

mkdir tree
for i in 1 2 3 4 5 6; do head -c 1500000 /dev/urandom >"tree/part$i"; done
head -c 20000000 /dev/urandom >tree/q-large
ln tree/part1 tree/z-name
capacity="--capacity 12M --compress none"

# Volumes by name, and what cannot be taken.
expect 0 "$tapir" archive -q vtape:used --capacity 12M tree/part1
echo "no tape" >text
# shellcheck disable=SC2086
expect 0 "$tapir" archive vtape:a $capacity --label demo --next vtape:used --next vtape:a \
  --next vtape:b --next vtape:c --next vtape:d --next vtape:e tree
out_has "on 4 volumes: vtape:a, vtape:b, vtape:c, vtape:d"
err_has "not taken: vtape:used: it holds"
err_has "the session goes on on volume 2, vtape:b"
set=(vtape:a --next vtape:b --next vtape:c --next vtape:d)

expect 0 "$tapir" list "${set[@]}"
same "$(wc -l <"$out")" 9
expect 0 "$tapir" restore "${set[@]}" -C all
expect 0 diff -r tree all/tree
same "$(stat -c %i all/tree/part1)" "$(stat -c %i all/tree/z-name)"
expect 0 "$tapir" verify "${set[@]}"
same "$(grep -c "^This volume is intact" "$out")" 4
expect 0 "$tapir" verify "${set[@]}" --against .
out_has "All 9 objects equal"
expect 0 "$tapir" verify --json --report report "${set[@]}"
same "$(json "$out" 'len(o), sum(v["continued"] for v in o)')" "(4, 4)"
same "$(python3 -c 'import json; print(len(json.load(open("report"))["volumes"]))')" 4

expect 0 "$tapir" info --json vtape:a
first=$(json "$out" 'o[0]["uuid"]')
same "$(json "$out" 'o[0]["sessions"][0]["status"], o[0]["earlier_volumes"]')" "('continued', [])"
expect 0 "$tapir" info --json vtape:d
same "$(json "$out" 'o[0]["sessions"][0]["status"], [v["sequence"] for v in o[0]["earlier_volumes"]]')" \
  "('complete', [1, 2, 3])"
same "$(json "$out" 'o[0]["earlier_volumes"][0]["uuid"]')" "$first"
expect 0 "$tapir" info vtape:d
out_has "begun on the volume before"

# One volume alone, a wrong one, one that is left out.
expect 1 "$tapir" list vtape:a
err_has "session 1 goes on on volume 2 of the set, which was not given (--next)"
expect 1 "$tapir" restore vtape:b -C alone
err_has "session 1 begins on volume 1 of the set, session 1 goes on on volume 3 of the set"
err_has "'tree/q-large'"
out_has "NOT restored: not all of them is on this volume"
[[ ! -e alone/tree/q-large ]] || fail "a part of a file was restored as the file"
expect 2 "$tapir" restore vtape:a --next vtape:c -C gap
err_has "it is volume 3 of the set, and volume 2 is wanted here"
expect 2 "$tapir" verify vtape:a --next vtape:c
expect 2 "$tapir" list vtape:a --next vtape:used
err_has "it belongs to another set"
expect 2 "$tapir" archive vtape:a tree/part1
err_has "goes on on volume 2 of the set"
expect 0 "$tapir" archive -q vtape:d tree/part1

# Damage where volumes are joined: the START of the second one.
cp b broken && cp b.side broken.side
patch broken 4600 ffffffff
expect 3 "$tapir" verify vtape:a --next vtape:broken --next vtape:c --next vtape:d
"$tapir" restore vtape:a --next vtape:broken --next vtape:c --next vtape:d -C joined >"$out" 2>"$err" || true
cmp tree/q-large joined/tree/q-large

# A command names the volumes; what it is told stands in its environment.
cat >changer <<'SH'
echo "$TAPIR_VOLUME_NUMBER $TAPIR_SET_LABEL $TAPIR_REFUSED" >>asked
[ "$TAPIR_VOLUME_NUMBER" -lt 9 ] && echo "vtape:n$TAPIR_VOLUME_NUMBER"
SH
# shellcheck disable=SC2086
expect 0 "$tapir" archive -q vtape:n1 $capacity --label "by command" --next-command "sh changer" tree
same "$(head -n 1 asked)" "2 by command "
expect 0 "$tapir" verify -q vtape:n1 --next vtape:n2 --next vtape:n3 --next vtape:n4

# One drive: the last volume has the index of all, the others are put in as they are needed.
cat >robot <<'SH'
echo "$TAPIR_VOLUME_NUMBER $TAPIR_REFUSED" >>fetched
cp "n$TAPIR_VOLUME_NUMBER" drive && cp "n$TAPIR_VOLUME_NUMBER.side" drive.side && echo vtape:drive
SH
cp n4 drive && cp n4.side drive.side
expect 0 "$tapir" list vtape:drive
same "$(wc -l <"$out")" 9
expect 0 "$tapir" restore vtape:drive --next-command "sh robot" -C fetched-tree
expect 0 diff -r tree fetched-tree/tree
same "$(stat -c %i fetched-tree/tree/part1)" "$(stat -c %i fetched-tree/tree/z-name)"
same "$(cat fetched)" "1 
2 
3 
4 "
cp n4 drive && cp n4.side drive.side
expect 0 "$tapir" verify vtape:drive --next-command "sh robot" --against .
out_has "All 9 objects equal"
# Verifying begins with the first one.
rm fetched
cp n1 drive && cp n1.side drive.side
expect 0 "$tapir" verify vtape:drive --next-command "sh robot"
same "$(grep -c "^This volume is intact" "$out")" 4
same "$(cut -d ' ' -f 1 fetched | tr -d '\n')" 234
cp n1 drive && cp n1.side drive.side
expect 1 "$tapir" verify vtape:drive --next-command "exit 1"
err_has "volume 2 is needed, and --next-command named none"
# Only what is needed is fetched.
rm fetched
cp n4 drive && cp n4.side drive.side
expect 0 "$tapir" restore vtape:drive --next-command "sh robot" -C one tree/part2
same "$(cat fetched)" "1 "
cmp tree/part2 one/tree/part2
# A volume that nobody has, and a wrong one.
cp n4 drive && cp n4.side drive.side
expect 1 "$tapir" restore vtape:drive --next-command "exit 1" -C without
err_has "volume 1 of the set is not at hand"
err_has "'tree/part2': not restored"
cp n4 drive && cp n4.side drive.side
expect 1 "$tapir" restore vtape:drive --next-command "echo vtape:n2" -C wrong tree/part2
err_has "it is volume 2 of the set, and volume 1 is wanted"

# Nobody to ask.
# shellcheck disable=SC2086
expect 4 "$tapir" archive vtape:x1 $capacity tree </dev/null
err_has "volume 2 of the set is needed: name it by --next"
expect 4 "$tapir" archive vtape:y1 --capacity 12M --compress none --next-command "exit 3" tree
err_has "--next-command named none (status 3)"
expect 0 "$tapir" verify vtape:x1
out_has "continued"
expect 4 "$tapir" archive vtape:z1 --capacity 12M --compress none --next-command "echo vtape:used" tree
err_has "no volume offered can be taken"

# Room kept for the index: the drive warns earlier.
expect 0 "$tapir" archive -q vtape:r1 --capacity 40M --reserve 20M --compress none --next vtape:r2 tree
expect 0 "$tapir" tape status --json vtape:r1
same "$(json "$out" 'o[0]["early_warning_bytes"]')" 20971520
