#!/usr/bin/env bash
# Wrong usage is 2 and says so; help and version are 0.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

commands=(init archive list verify restore info inspect salvage export catalog)
expect 0 "$tapir" --help
for command in "${commands[@]}"; do out_has "$command"; done
err_is_empty
expect 0 "$tapir" --version
grep -qxE 'tapir [0-9]+\.[0-9]+\.[0-9]+' "$out" || fail "version"
for command in "${commands[@]}"; do
  expect 0 "$tapir" "$command" --help
  out_has "tapir $command"
  out_has "Examples:"
  err_is_empty
done

for arguments in "" "frobnicate" "list" "--nonsense" "list v --nonsense" "archive v" \
  "list v --session x" "list v --session 0" "list v --at yesterday" "list v --digests md5" \
  "list v -l --json" "archive v --compress lz4 x" "archive v --compress zstd:20 x" \
  "archive v --fixity md5 x" "archive v --dedup all x" "archive v -j 0 x" "archive v --buffer lots x" \
  "archive v -0 x" "archive - --verify x" "verify v --level deep" "verify v --session 0" \
  "restore v" "salvage v" "inspect v --block x" "init v --block-size 3" "info v w" \
  "restore v -C d --no-owner --numeric-owner" "archive v ../x" "export v" "export v --as tar" \
  "export v --as efs-raw -o f -C d" "list v --certificate 00" "list v --efs --certificate xy"; do
  # shellcheck disable=SC2086
  expect 2 "$tapir" $arguments
  out_is_empty
  err_has "tapir"
  [[ ! -e v ]] || fail "a volume was made by: $arguments"
done
expect 2 "$tapir" list ""
