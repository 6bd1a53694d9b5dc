#!/usr/bin/env bash
# init: labels what is empty, refuses what is not, destroys only by name.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

expect 0 "$tapir" init v --label 'photos 2026'
out_has "'photos 2026'"
expect 0 "$tapir" info --json v
same "$(json "$out" 'o[0]["label"], o[0]["sessions"], o[0]["max_block_bytes"]')" \
  "('photos 2026', [], 1048576)"
expect 0 "$tapir" list v
out_is_empty
expect 0 "$tapir" verify v

expect 4 "$tapir" init v
err_has "v: it holds the Tapir volume 'photos 2026'"
err_has "--overwrite-existing"
expect 4 "$tapir" init v --overwrite-existing other
expect 0 "$tapir" init v --overwrite-existing 'photos 2026' --label second --block-size 64K
expect 0 "$tapir" info --json v
same "$(json "$out" 'o[0]["label"], o[0]["max_block_bytes"]')" "('second', 65536)"
uuid=$(json "$out" 'o[0]["uuid"]')
expect 0 "$tapir" init v --overwrite-existing "$uuid" --json
same "$(json "$out" 'o[0]["label"]')" ""

# An empty file may be labelled, foreign data is named and kept.
: >empty
expect 0 "$tapir" init -q empty
out_is_empty
tar cf x.tar v
cp x.tar copy
expect 4 "$tapir" init x.tar
err_has "a tar archive"
cmp x.tar copy
expect 0 "$tapir" init x.tar --overwrite-existing 'a tar archive'

expect 2 "$tapir" init w --block-size 100K
expect 2 "$tapir" init w --block-size 16M
expect 2 "$tapir" init w --label "$(printf 'x%.0s' {1..256})"
[[ ! -e w ]] || fail "a volume was made for nothing"
