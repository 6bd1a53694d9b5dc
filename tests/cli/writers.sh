#!/usr/bin/env bash
# One writer at a time; readers see ended sessions meanwhile.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

mkdir t
echo a >t/a
expect 0 "$tapir" archive -q v -C t a
# Compressed hard on one thread, this takes longer than what is tried meanwhile.
head -c 60000000 /dev/urandom | base64 >t/large
"$tapir" archive -q v --compress zstd:19 -j1 -C t large &
writer=$!
sees_writer() { "$tapir" info v 2>/dev/null | grep -q "process $writer"; }
wait_until sees_writer
expect 4 "$tapir" archive v -C t a
err_has "$writer"
expect 4 "$tapir" init v --overwrite-existing ''
err_has "$writer"
# A session that is being written is not torn.
expect 0 "$tapir" list v
same "$(cat "$out")" a
kill -TERM "$writer"
status=0
wait "$writer" || status=$?
same "$status" 130 "a writer that was stopped"
expect 0 "$tapir" archive -q v -C t a
expect 0 "$tapir" verify v
