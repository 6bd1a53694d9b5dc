#!/usr/bin/env bash
# restore: whole, in part, over what is there, without rights.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make_tree t
expect 0 "$tapir" archive -q v -C . t
expect 0 "$tapir" restore v -C all
out_has "restored "
err_is_empty
equal_trees t all/t

# In part, by pattern; the parents come with what they need.
expect 0 "$tapir" restore v -C part t/documents/note.txt '*/still/1*.txt'
same "$(find part -type f | wc -l)" 112
cmp t/documents/note.txt part/t/documents/note.txt
expect 1 "$tapir" restore v -C part nothing
err_has "'nothing': selects nothing"

# What is there is kept, unless told otherwise.
echo mine >all/t/documents/note.txt
rm all/t/hard-link-to-note
expect 1 "$tapir" restore v -C all
err_has "'t/documents/note.txt'"
same "$(cat all/t/documents/note.txt)" mine
err_has "'t/hard-link-to-note': not linked"
[[ ! -e all/t/hard-link-to-note ]] || fail "linked with what was kept"
expect 0 "$tapir" restore v -C all --overwrite
equal_trees t all/t

expect 0 "$tapir" restore --json v -C json --no-owner
same "$(json "$out" 'o[-1]["restored"] > 500, o[-1]["kept"], o[-1]["interrupted"]')" "(True, 0, False)"
expect 0 "$tapir" restore -q v -C quiet --numeric-owner
out_is_empty

# Damage: what can be proven comes back, the rest is named.
expect 0 "$tapir" archive -q --compress none d -C . t
cp d damaged
offset=$(grep -abo 'small file 250' d | head -n1 | cut -d: -f1)
patch damaged "$offset" 5858
expect 3 "$tapir" restore damaged -C damaged-out
err_has "t/documents/deep/er/still/250.txt"
cmp t/documents/random.bin damaged-out/t/documents/random.bin
[[ ! -e damaged-out/t/documents/deep/er/still/250.txt ]] || fail "a damaged file was restored"

# Nothing of a target that cannot be written.
if [[ $EUID -ne 0 ]]; then
  mkdir locked && chmod 555 locked
  expect 4 "$tapir" restore v -C locked
fi
: >file
expect 2 "$tapir" restore v -C file
expect 2 "$tapir" restore v
