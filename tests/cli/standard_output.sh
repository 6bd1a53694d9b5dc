#!/usr/bin/env bash
# What is printed must arrive; a reader that goes away is no error message.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make_tree t
expect 0 "$tapir" archive -q v t
for command in "list v" "info v" "verify v" "inspect v" "list --json v" "--help" "list --help" \
  "archive w t" "restore v -C r"; do
  status=0
  # shellcheck disable=SC2086
  "$tapir" $command >/dev/full 2>"$err" || status=$?
  same "$status" 4 "a full standard output, $command"
  err_has "standard output"
done

status=0
"$tapir" list v >&- 2>"$err" || status=$?
same "$status" 4 "a closed standard output"
# The volume must not have become standard output.
status=0
"$tapir" archive v t >&- 2>"$err" || status=$?
same "$status" 4 "a closed standard output of archive"
expect 0 "$tapir" verify v

mkdir many
(cd many && seq 1 20000 | xargs touch)
expect 0 "$tapir" archive -q m many
status=0
"$tapir" list m 2>"$err" | head -n1 >/dev/null || status=$?
same "$status" 141 "a reader that went away"
err_is_empty
