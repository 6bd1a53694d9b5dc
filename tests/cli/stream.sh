#!/usr/bin/env bash
# VOLUME - : through pipes, with messages beside the data.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make_tree t
expect 0 "$tapir" archive v -C . t

"$tapir" archive - -C . t 2>messages | expect 0 "$tapir" list -
grep -qF "session 1: " messages || fail "the summary is not on standard error"
cp "$out" listed
expect 0 "$tapir" list v
cmp listed "$out"

"$tapir" archive - --json -C . t 2>messages >s
same "$(json messages 'o[-1]["session"]["number"]')" 1
expect 0 "$tapir" verify s
"$tapir" archive -q - -C . t 2>messages | expect 0 "$tapir" restore - -C r
[[ ! -s messages ]] || fail "-q is not quiet"
equal_trees t r/t

cat v | expect 0 "$tapir" restore - -C part t/documents
equal_trees t/documents part/t/documents
cat v | expect 0 "$tapir" salvage - -C salvaged
equal_trees t salvaged/t

# Cut in the middle of the only session.
head -c $(($(size_of v) / 2)) v | expect 1 "$tapir" verify -

# A reader that goes away is no message.
status=0
"$tapir" archive - -C . t 2>messages | head -c 100 >/dev/null || status=$?
same "$status" 141 "status of a broken pipe"
[[ ! -s messages ]] || fail "a broken pipe is not quiet: $(cat messages)"

if command -v script >/dev/null; then
  status=0
  script -qec "$(printf '%q ' "$tapir" archive - t)" /dev/null </dev/null >screen || status=$?
  same "$status" 2 "a terminal as volume"
  grep -aq terminal screen || fail "a terminal as volume is not refused by name"
fi
