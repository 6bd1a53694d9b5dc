#!/usr/bin/env bash
# Every volume of format-spec/vectors gives the verdict, the lost objects, the list and, of objects of
# Windows, all fields that are written beside it. With TAPIR_REWRITE=1 the expectations are written anew,
# to be looked at as a diff.
set -euo pipefail

vectors=$TAPIR_SOURCE_DIR/format-spec/vectors
found=$(mktemp)
trap 'rm -f "$found"' EXIT
count=0
for volume in "$vectors"/*.tapir; do
  verdict=$("$TAPIR" verify --json "$volume" 2>/dev/null | tail -n 1 || true)
  field() { python3 -c 'import json,sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$verdict" "$1"; }
  {
    printf 'verdict %s\nlost %s\n' "$(field verdict)" "$(field lost_objects)"
    "$TAPIR" list --session all "$volume" 2>/dev/null || true
    { "$TAPIR" inspect --json "$volume" 2>/dev/null || true; } |
      python3 "$TAPIR_SOURCE_DIR/tests/support/windows_fields.py"
  } > "$found"
  expected=${volume%.tapir}.expected
  [[ ${TAPIR_REWRITE:-} != 1 ]] || cat "$found" > "$expected"
  diff -u "$expected" "$found" || { echo "$volume differs" >&2; exit 1; }
  count=$((count + 1))
done
((count >= 20)) || { echo "only $count vectors were found" >&2; exit 1; }
