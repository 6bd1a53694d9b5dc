#!/usr/bin/env bash
# salvage: without label, index or end; partial files are named as such.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make_tree t
expect 0 "$tapir" archive -q --compress none --dedup none v -C . t

# A volume that is whole gives everything.
expect 0 "$tapir" salvage v -C whole
out_has "salvaged "
equal_trees t whole/t

# Label gone, and the end with half of the index.
head -c $(($(size_of v) - 4 * 4096)) v >broken
patch broken 0 "$(printf '00%.0s' {1..4096})"
expect 3 "$tapir" salvage --json broken -C rescued
same "$(json "$out" 'o[-1]["complete"] > 500')" True
cmp t/documents/random.bin rescued/t/documents/random.bin

# A hole in a large file: what is left of it comes under another name.
cp v holed
offset=$(python3 -c 'print(open("v", "rb").read().find(open("t/documents/random.bin", "rb").read(64)) + 2000000)')
patch holed "$offset" 00112233445566778899
expect 3 "$tapir" salvage holed -C rescued2
err_has "random.bin"
[[ ! -e rescued2/t/documents/random.bin ]] || fail "a partial file under its own name"
[[ -e rescued2/t/documents/random.bin.tapir-partial ]] || fail "the rest is missing"
rm rescued2/t/documents/random.bin.tapir-partial
cmp t/documents/note.txt rescued2/t/documents/note.txt

expect 0 "$tapir" salvage v -C one t/documents/note.txt
same "$(find one -type f | wc -l)" 1
