#!/usr/bin/env bash
# Encrypted objects: which certificate opens what, and what verify says of them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make() { python3 "$source_dir/tests/cli/lib/windows_files.py" "$@"; }
make raw a.raw
make raw-warned b.raw
echo plain >plain.txt
expect 0 "$tapir" archive -q v efs:a.raw plain.txt
expect 0 "$tapir" list v --efs
out_has "a.raw"
out_has "1,000 bytes"
out_has "4141414141414141414141414141414141414141"
out_has "Ann"
out_has "S-1-5-18"
out_lacks "plain.txt"
expect 0 "$tapir" list v --efs --json
same "$(json "$out" '[(x["path"], x["size"], x["streams"], x["version"], x["raw_export"], x["keys"]) for x in o]')" \
  "[('a.raw', 1000, 1, 2, True, [{'list': 'user', 'thumbprint': '$(printf '41%.0s' {1..20})', 'display_name': 'Ann', 'sid': 'S-1-5-18'}])]"

# A thumbprint as other programs write it.
expect 0 "$tapir" list v --efs --certificate "$(printf '41:%.0s' {1..19})41"
out_has "a.raw"
expect 0 "$tapir" list v --efs --certificate "$(printf '41 %.0s' {1..20})"
out_has "a.raw"
expect 0 "$tapir" list v --efs --certificate "$(printf 'AB%.0s' {1..20})"
out_is_empty
expect 1 "$tapir" list v --efs nothing

# A finding is no damage.
expect 0 "$tapir" verify v
out_has "intact"
expect 1 "$tapir" archive w efs:b.raw
err_has "b.raw"
err_has "byte "
expect 1 "$tapir" verify w
out_has "intact"
out_has "warning: 'b.raw': EFS: offset "
expect 1 "$tapir" verify w --json --report report.json
same "$(json "$out" 'o[-1]["verdict"], o[-1]["findings"], o[0]["kind"], o[0]["path"], o[0]["format"]')" \
  "('intact', 1, 'warning', 'b.raw', 'EFS')"
same "$(python3 -c 'import json; print(len(json.load(open("report.json"))["notes"]))')" 1
