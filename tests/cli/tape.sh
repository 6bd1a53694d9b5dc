#!/usr/bin/env bash
# Virtual tapes as volumes, and the tape command.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make_tree t
expect 4 "$tapir" list vtape:a
err_has "no virtual tape"
expect 0 "$tapir" init vtape:a --capacity 64M --label first
expect 0 "$tapir" archive -q vtape:a t
expect 0 "$tapir" archive -q --compress none vtape:a t
expect 0 "$tapir" verify vtape:a
out_has "in 2 sessions can be restored"
expect 0 "$tapir" restore -q vtape:a -C out
expect 0 "$tapir" verify -q vtape:a --against out
expect 0 "$tapir" info --json vtape:a
same "$(json "$out" 'o[0]["label"], len(o[0]["sessions"]), o[0]["torn"]')" "('first', 2, False)"
expect 0 "$tapir" salvage -q vtape:a -C salvaged
expect 0 "$tapir" inspect --no-records vtape:a
out_has "filemark"

# The tape does not archive itself.
mkdir here && cp a here/tape && cp a.side here/tape.side
expect 0 "$tapir" archive vtape:here/tape here
expect 0 "$tapir" list --session last vtape:here/tape
same "$(cat "$out")" here

# Status and movement
expect 0 "$tapir" tape status --json --model vtape:a
same "$(json "$out" 'o[0]["state"], o[0]["capacity_bytes"], o[0]["model"]["profile"]')" \
  "('ready', 67108864, 'lto-9')"
expect 0 "$tapir" tape rewind vtape:a
expect 0 "$tapir" tape position --json vtape:a
same "$(json "$out" 'o[0]')" "{'partition': 1, 'block': 0}"
expect 0 "$tapir" tape space vtape:a 1
out_has "partition 1, block 2"
expect 4 "$tapir" tape space vtape:a 99
err_has "no data detected"
expect 0 "$tapir" tape seek vtape:a 1
expect 4 "$tapir" tape space --unit setmarks vtape:a 1
err_has "not supported"
expect 2 "$tapir" tape seek vtape:a
expect 2 "$tapir" tape
expect 0 "$tapir" tape --help
out_has "tapir tape copy"
expect 0 "$tapir" tape lock vtape:a
expect 4 "$tapir" tape unload vtape:a
expect 0 "$tapir" tape unlock vtape:a
expect 0 "$tapir" tape unload vtape:a
expect 4 "$tapir" list vtape:a
err_has "no media in drive"
expect 0 "$tapir" tape load vtape:a
expect 0 "$tapir" tape params --compression on --json vtape:a
same "$(json "$out" 'o[0]["compression"]')" True
expect 0 "$tapir" tape list-devices

# Copies: equal, and nothing is destroyed unasked.
expect 0 "$tapir" tape copy vtape:a vtape:b
cmp a b
for action in "copy vtape:a vtape:b" "erase vtape:b" "mark vtape:b" "format vtape:b" \
  "partition vtape:b --count 2"; do
  expect 0 "$tapir" tape rewind vtape:b
  # shellcheck disable=SC2086
  expect 4 "$tapir" tape $action
  err_has "holds the Tapir volume 'first'"
  cmp a b
done
expect 0 "$tapir" tape seek --end vtape:b
expect 0 "$tapir" tape mark vtape:b
expect 0 "$tapir" tape partition vtape:b --count 2 --overwrite-existing first
expect 0 "$tapir" tape status --json vtape:b
same "$(json "$out" 'o[0]["partitions"], o[0]["block"]')" "(2, 0)"

# An unreadable block is named, and costs the copy nothing else.
sed -i 's/^end$/fault bad-block 1 5\nend/' a.side
expect 3 "$tapir" tape copy vtape:a vtape:c
out_has "not copied: block 5"
expect 3 "$tapir" verify vtape:a

# A tape of another program is named and kept.
python3 -c '
import struct, sys
record = bytearray(10240)
record[257:262] = b"ustar"
word = struct.pack("<I", len(record))
open("tar", "wb").write(word + record + word + struct.pack("<I", 0))'
expect 5 "$tapir" archive vtape:tar t
err_has "a tar archive"
expect 4 "$tapir" init vtape:tar
expect 0 "$tapir" init vtape:tar --overwrite-existing "a tar archive"
head -c 5000 /dev/urandom >noise
expect 5 "$tapir" archive vtape:noise t
err_has "is no tape image"
same "$(size_of noise)" 5000
