#!/usr/bin/env bash
# info and inspect: good, damaged and torn volumes.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make_tree t
expect 0 "$tapir" archive -q --label 'my label' v t
expect 0 "$tapir" archive -q v t

expect 0 "$tapir" info v
out_has "'my label'"
same "$(grep -acE '^ +[12]  ' "$out")" 2 "lines of sessions"
expect 0 "$tapir" info --json v
same "$(json "$out" '[s["status"] for s in o[0]["sessions"]], o[0]["torn"], o[0]["volume_bytes"]')" \
  "(['complete', 'complete'], False, $(size_of v))"
expect 0 "$tapir" info - <v
out_has "'my label'"

expect 0 "$tapir" inspect v
out_has "block label"
same "$(grep -ac '^block' "$out")" "$("$tapir" inspect --no-records v | grep -ac '^block')" blocks
expect 0 "$tapir" inspect --json --no-records v
same "$(json "$out" 'o[0]["level"], o[0]["unit"], sorted({e["level"] for e in o})')" \
  "('block', 0, ['block', 'chunk'])"
expect 0 "$tapir" inspect --block 1 v
same "$(grep -ac '^block' "$out")" 1
expect 1 "$tapir" inspect --block 999999 v
err_has "no block 999999"

# Torn
head -c $(($(size_of v) - 3 * 4096)) v >torn
expect 1 "$tapir" info torn
err_has "never finished"
expect 1 "$tapir" info --json torn
same "$(json "$out" 'len(o[0]["sessions"]), o[0]["torn"]')" "(1, True)"

# Damaged
cp v damaged
patch damaged 1500000 00112233
expect 3 "$tapir" inspect damaged
out_has "damage "
