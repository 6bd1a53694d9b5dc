#!/usr/bin/env bash
# Every volume of format-spec/vectors gives the verdict, the lost objects and the list that are written
# beside it. With TAPIR_REWRITE=1 the expectations are written anew, to be looked at as a diff.
set -euo pipefail

vectors=$TAPIR_SOURCE_DIR/format-spec/vectors
count=0
for volume in "$vectors"/*.tapir; do
  verdict=$("$TAPIR" verify --json "$volume" 2>/dev/null | tail -n 1 || true)
  field() { python3 -c 'import json,sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$verdict" "$1"; }
  found="verdict $(field verdict)
lost $(field lost_objects)
$("$TAPIR" list --session all "$volume" 2>/dev/null || true)"
  expected=${volume%.tapir}.expected
  [[ ${TAPIR_REWRITE:-} != 1 ]] || printf '%s\n' "$found" > "$expected"
  diff -u "$expected" <(printf '%s\n' "$found") || { echo "$volume differs" >&2; exit 1; }
  count=$((count + 1))
done
((count >= 11)) || { echo "only $count vectors were found" >&2; exit 1; }
