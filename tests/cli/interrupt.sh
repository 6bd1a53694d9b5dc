#!/usr/bin/env bash
# Ctrl-C, SIGTERM and SIGHUP end a session as interrupted: readable, and appending goes on.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
# With job control, jobs in the background may be interrupted.
set -m

mkdir t
for i in {1..20}; do head -c 1500000 /dev/urandom | base64 >"t/$i"; done
echo a >a

number=0
for signal in INT TERM HUP; do
  before=0
  [[ ! -e v ]] || before=$(size_of v)
  "$tapir" archive v --compress zstd:19 -j1 t --catalog 2>"$err" >"$out" &
  writer=$!
  has_begun() { [[ -e v ]] && (($(size_of v) > before + 1000000)); }
  wait_until has_begun
  kill -"$signal" "$writer"
  status=0
  wait "$writer" || status=$?
  same "$status" 130 "status after SIG$signal"
  err_has interrupted
  err_has "not in the catalogue"
  number=$((number + 1))
  expect 0 "$tapir" info --json v
  same "$(json "$out" 'o[0]["sessions"][-1]["status"], len(o[0]["sessions"])')" \
    "('interrupted', $number)"
  expect 0 "$tapir" verify v
  expect 0 "$tapir" list v --session last
  out_has "t/1"
  expect 0 "$tapir" archive v a
  number=$((number + 1))
done
expect 0 "$tapir" verify v

# Ignored by who started us (nohup): stays ignored.
(
  trap '' HUP
  exec "$tapir" archive -q w --compress zstd:19 -j1 t/1 t/2 t/3
) &
writer=$!
wait_until test -e w
kill -HUP "$writer"
wait "$writer"
expect 0 "$tapir" info --json w
same "$(json "$out" 'o[0]["sessions"][-1]["status"]')" complete
