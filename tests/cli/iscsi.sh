#!/usr/bin/env bash
# A tape on an iSCSI target that nobody here wrote, on loopback. It has neither positions nor a way
# to go to one, and ends at no capacity: what it can do must work all the same.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
. "$source_dir/tests/cli/lib/tgt.sh"
command -v tgtd >/dev/null || skip "no tgtd (package tgt)"
"$tapir" tape status iscsi://127.0.0.1:1/iqn.x/0 >"$out" 2>"$err" || true
if grep -q "this build has no" "$err"; then skip "built without libiscsi (package libiscsi-dev)"; fi

start_tgt 200

make_tree t
expect 0 "$tapir" tape status --json "$device"
same "$(json "$out" 'o[0]["state"], o[0]["way"], o[0]["worm"]')" "('ready', 'iSCSI', False)"
expect 0 "$tapir" init "$device" --label net
expect 4 "$tapir" init "$device"
err_has "the Tapir volume 'net'"
expect 0 "$tapir" archive -q "$device" t
expect 0 "$tapir" archive -q --compress none "$device" t
expect 0 "$tapir" info --json "$device"
same "$(json "$out" 'o[0]["label"], len(o[0]["sessions"]), o[0]["torn"]')" "('net', 2, False)"
expect 0 "$tapir" verify "$device"
out_has "in 2 sessions can be restored"
expect 0 "$tapir" restore -q "$device" -C back
expect 0 "$tapir" verify -q "$device" --against back
head -c 20000000 /dev/urandom >large
expect 0 "$tapir" archive -q --verify "$device" large
# A copy onto a virtual tape has the same blocks and marks.
expect 0 "$tapir" tape copy -q "$device" vtape:copy
expect 0 "$tapir" verify vtape:copy
out_has "in 3 sessions can be restored"
# Where it stands it tells nobody; it can be moved all the same.
expect 0 "$tapir" tape rewind "$device"
expect 4 "$tapir" tape space --unit blocks "$device" 9
err_has "filemark detected"
expect 0 "$tapir" tape space "$device" 1
out_has "position not known"
expect 4 "$tapir" tape space "$device" -1
err_has "not supported"
expect 4 "$tapir" tape position "$device"

# Secrets come from the environment or a file, never from the command line.
secret=twelve.chars
admin --mode account --op new --user me --password "$secret"
admin --mode account --op bind --tid 1 --user me
expect 4 "$tapir" list "$device"
expect 2 "$tapir" list "iscsi://me%$secret@127.0.0.1:$port/$iqn/1"
err_has "TAPIR_ISCSI_CHAP_FILE"
err_lacks "$secret"
echo "me $secret" >chap
TAPIR_ISCSI_CHAP_FILE=$scratch/chap expect 0 "$tapir" list "$device"
TAPIR_ISCSI_CHAP_NAME=me TAPIR_ISCSI_CHAP_SECRET=$secret expect 0 "$tapir" list "$device"
TAPIR_ISCSI_CHAP_NAME=me TAPIR_ISCSI_CHAP_SECRET=wrong.secret expect 4 "$tapir" list "$device"

# A target that is gone is a device error, not a hang.
kill -9 "$target_pid"
expect 4 timeout 60 "$tapir" list "$device"
err_has "cannot connect"
