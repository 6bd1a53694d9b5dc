#!/usr/bin/env bash
# verify: verdicts, faults and their places, reports, comparison with live files.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make_tree t
expect 0 "$tapir" archive -q v -C . t
expect 0 "$tapir" archive -q v -C . t
expect 0 "$tapir" verify v
out_has "This volume is intact: all"
out_has "2 sessions"
expect 0 "$tapir" verify -q v
out_is_empty
expect 0 "$tapir" verify v --level blocks
out_has "blocks are intact"
expect 0 "$tapir" verify v --session 2
out_has "Session 2 is intact"
expect 0 "$tapir" verify - <v
out_has "This volume is intact"
expect 0 "$tapir" verify --json --report report.json v
same "$(json "$out" 'len(o), o[0]["verdict"], o[0]["sessions"], o[0]["lost_objects"]')" "(1, 'intact', 2, 0)"
same "$(python3 -c 'import json; r = json.load(open("report.json")); print(r["verdict"], r["faults"])')" \
  "intact []"
same "$(find . -maxdepth 1 -name 'report.json*' | wc -l)" 1 "no temporary file"

# Damage in the middle of the data.
cp v damaged
patch damaged 2000000 00112233445566778899aabbccddeeff
expect 3 "$tapir" verify damaged
out_has "This volume is DAMAGED in"
out_has "damage: "
out_has "(byte "
expect 3 "$tapir" verify -q damaged
out_has "DAMAGED"
expect 3 "$tapir" verify damaged --level blocks
expect 3 "$tapir" verify --json --report report.json damaged
same "$(json "$out" 'o[-1]["verdict"]')" damaged
same "$(json "$out" 'all(f["place"]["offset"] == 4096 * f["place"]["unit"] for f in o[:-1])')" True
same "$(json "$out" 'o[-1]["damages"] == len(o) - 1 > 0')" True
same "$(python3 -c 'import json; r = json.load(open("report.json")); print(r["verdict"], len(r["faults"]) == r["damages"])')" \
  "damaged True"

# Cut: the last session is torn.
head -c $(($(size_of v) - 4096 * 3)) v >torn
expect 1 "$tapir" verify torn
out_has "This volume is sound but TORN: its last session was never finished; what is in the 1 session before it can be restored."
expect 1 "$tapir" verify --json torn
same "$(json "$out" 'o[-1]["verdict"], o[-1]["sessions"]')" "('torn', 1)"

# Foreign
tar cf x.tar t/documents/note.txt
expect 5 "$tapir" verify x.tar
out_has "tar archive"
expect 5 "$tapir" verify --json x.tar
same "$(json "$out" 'o[-1]["verdict"]')" foreign

# Against live files.
expect 0 "$tapir" verify v --against .
out_has "equal what is below"
chmod 600 t/documents/numbers.txt
echo more >>t/documents/note.txt
rm t/dangling-link
expect 1 "$tapir" verify v --against .
out_has "mode: 't/documents/numbers.txt'"
out_has "missing: 't/dangling-link'"
expect 1 "$tapir" verify v --against . --json --report report.json
same "$(json "$out" 'o[-1]["verdict"], o[-1]["differences"] == len(o) - 1')" "('different', True)"
expect 0 "$tapir" verify v --against . t/empty-folder
expect 2 "$tapir" verify v t/empty-folder
expect 2 "$tapir" verify v --against . --level blocks

# A report that cannot be written is an error.
expect 4 "$tapir" verify v --report nowhere/report.json
