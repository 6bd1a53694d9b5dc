#!/usr/bin/env bash
# VOLUME is missing, a directory, empty, foreign, newer: a clear word and status.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

readers=("list" "verify" "info" "inspect" "restore -C r" "salvage -C r")
# each STATUS VOLUME TEXT: what every reading command makes of a volume.
each() {
  local reader
  for reader in "${readers[@]}"; do
    # shellcheck disable=SC2086
    expect "$1" "$tapir" $reader "$2"
    grep -aqF -- "$3" "$out" "$err" || fail "$reader $2 does not say: $3"
  done
}

each 4 missing "missing"
mkdir dir
each 2 dir "directory"
expect 2 "$tapir" archive dir .
expect 2 "$tapir" init dir
each 4 nowhere/v "nowhere/v"
expect 4 "$tapir" archive nowhere/v .

: >empty
readers=("list" "verify" "info" "restore -C r")
each 4 empty "empty"

mkdir t && echo a >t/a
tar cf x.tar t
gzip -k x.tar
head -c 20000 /dev/urandom >noise
readers=("list" "verify" "info" "restore -C r")
each 5 x.tar "tar archive"
each 5 x.tar.gz "x.tar.gz"
each 5 noise "noise"
cp x.tar before
expect 5 "$tapir" archive x.tar t
err_has "tar archive"
cmp x.tar before

# A newer framing: its version alone decides, before a checksum that may stand elsewhere. With one
# that fits the framing of this program the version itself is damaged.
expect 0 "$tapir" archive -q v t
cp v newer
patch newer 8 63
expect 3 "$tapir" verify newer
patch newer 100 636363
each 5 newer "newer"
cp newer before
expect 5 "$tapir" archive newer t
cmp newer before

expect 2 "$tapir" list /dev/null
expect 4 "$tapir" list vtape:x
err_has "no virtual tape"
expect 0 "$tapir" archive -q file:vtape:x t
expect 0 "$tapir" list file:vtape:x
