#!/usr/bin/env bash
# kill -9 at random moments of an append: what was there is there, appending goes on.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

# The ids of the ended sessions; info says 1 where a torn one follows.
sessions() {
  "$tapir" info --json v >"$out" 2>"$err" || (($? == 1)) || fail "info"
  json "$out" '[s["id"] for s in o[0]["sessions"]]'
}

rounds=6
[[ -z ${TAPIR_FULL:-} ]] || rounds=100
mkdir t small
for i in {1..30}; do head -c 2000000 /dev/urandom >"t/$i"; done
echo a >small/a
expect 0 "$tapir" archive -q v small
for ((round = 0; round < rounds; ++round)); do
  kept=$(sessions)
  "$tapir" archive -q v t &
  writer=$!
  sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
  kill -9 "$writer" 2>/dev/null || true
  wait "$writer" 2>/dev/null || true
  # Whole, or torn behind what was there.
  status=0
  "$tapir" verify v >"$out" 2>"$err" || status=$?
  ((status <= 1)) || fail "verify says $status in round $round"
  now=$(sessions)
  [[ ${now%]} == "${kept%]}"* ]] || fail "sessions were lost: $kept then $now"
  status=0
  "$tapir" list v --include-torn >"$out" 2>"$err" || status=$?
  ((status <= 1)) || fail "list --include-torn says $status in round $round"
  expect 0 "$tapir" archive -q v small
  expect 0 "$tapir" verify v
  (($(size_of v) < 400000000)) || { rm v; expect 0 "$tapir" archive -q v small; }
done
