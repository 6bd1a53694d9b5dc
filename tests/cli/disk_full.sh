#!/usr/bin/env bash
# A full disk: exit 4, earlier sessions untouched, appending works when there is room again.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
[[ $EUID -eq 0 ]] || skip "only root can mount a small file system"

mkdir mnt t
mount -t tmpfs -o size=20m tapir-test mnt 2>/dev/null || skip "may not mount a tmpfs"
at_exit+=("umount '$scratch/mnt'")
echo a >t/a
head -c 30000000 /dev/urandom >large
expect 0 "$tapir" archive -q mnt/v t
expect 4 "$tapir" archive mnt/v large
err_has "mnt/v"
expect 1 "$tapir" verify mnt/v
out_has TORN
expect 1 "$tapir" restore mnt/v -C r
cmp t/a r/t/a

mount -o remount,size=80m mnt
expect 0 "$tapir" archive mnt/v t
expect 0 "$tapir" verify mnt/v

# The target of a restore is full.
expect 0 "$tapir" archive -q v large
mount -o remount,size=30m mnt 2>/dev/null || skip "may not shrink the tmpfs"
expect 4 "$tapir" restore v -C mnt/out
err_has "'large'"
[[ ! -e mnt/out/large ]] || fail "half a file under its name"
