#!/usr/bin/env bash
# export: what was archived from files of Windows comes back as it was; all else is named.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make() { python3 "$source_dir/tests/cli/lib/windows_files.py" "$@"; }
mkdir -p in/sub
make raw in/report.raw
make bks in/sub/letter.bks
make bks-odd in/odd.bks
echo plain >in/plain.txt

# Two data streams are no one file's: kept, and told.
expect 1 "$tapir" archive -q v -C in efs:report.raw bks:sub/letter.bks bks:odd.bks plain.txt
err_has "odd.bks"
expect 0 "$tapir" verify v
expect 0 "$tapir" list v
same "$(sort "$out" | paste -sd' ')" "odd.bks plain.txt report.raw sub/letter.bks"

expect 0 "$tapir" export v --as efs-raw report.raw -o report.back
cmp in/report.raw report.back
expect 0 "$tapir" export v --as efs-raw report.raw
cmp in/report.raw "$out"
expect 0 "$tapir" export v --as efs-raw report.raw -o - -q
cmp in/report.raw "$out"
err_is_empty
"$tapir" export - --as efs-raw report.raw -q <v | cmp - in/report.raw

expect 1 "$tapir" export v --as backup-stream -C out --json
same "$(json "$out" 'o[-1]["exported"], o[-1]["without_form"]')" "(2, 2)"
cmp in/sub/letter.bks out/sub/letter.bks.bks
cmp in/odd.bks out/odd.bks.bks
[[ ! -e out/plain.txt.bks && ! -e out/report.raw.bks ]] || fail "an export of what has none"
expect 1 "$tapir" export v --as backup-stream plain.txt report.raw -C out
err_has "plain.txt"
err_has "report.raw"

# The object that backup streams tell is a file like others.
# Its further stream does not come back with it, which is told.
expect 1 "$tapir" restore -q v -C back sub
same "$(cat back/sub/letter.bks)" "the letter"

# What is there is kept; nothing selected, and several for one place.
expect 1 "$tapir" export v --as efs-raw report.raw -o in/plain.txt
same "$(cat in/plain.txt)" plain
expect 0 "$tapir" export v --as efs-raw report.raw -o report.back --overwrite
expect 1 "$tapir" export v --as efs-raw nothing -o none
[[ ! -e none ]] || fail "a file for nothing"
status=0
"$tapir" export v --as backup-stream sub odd.bks -o none 2>"$err" >"$out" || status=$?
((status != 0)) || fail "several objects in one file"
err_has "several"
[[ ! -e none ]] || fail "a file of several"

# Damage: no export.
cp v damaged
offset=$(python3 -c 'print(open("v", "rb").read().find(b"\xa5" * 64))')
patch damaged "$offset" 00
expect 3 "$tapir" export damaged --as efs-raw report.raw -o none
[[ ! -e none ]] || fail "an export of what is damaged"
expect 3 "$tapir" export damaged --as efs-raw report.raw
out_is_empty

# Paths are those of other files: from the root without the slash, and refused with '..'.
expect 0 "$tapir" archive x "efs:$PWD/in/report.raw"
err_has "leading '/' removed"
expect 0 "$tapir" export x --as efs-raw "${PWD#/}/in/report.raw"
cmp in/report.raw "$out"
expect 2 "$tapir" archive y efs:in/../in/report.raw

# Malformed files are refused with the place, and no session is made.
head -c 700 in/report.raw >in/cut.raw
expect 2 "$tapir" archive w efs:in/cut.raw
err_has "cut.raw"
err_has "byte "
expect 2 "$tapir" archive w bks:in/report.raw
err_has "byte "
[[ ! -e w ]] || fail "a volume of what was refused"
expect 2 "$tapir" archive w efs:in/plain.txt
