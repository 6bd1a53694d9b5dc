#!/usr/bin/env bash
# restore into a directory of a read-only file system: one clear error.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

mkdir t mnt
echo a >t/a
expect 0 "$tapir" archive -q v t
if [[ $EUID -eq 0 ]]; then
  mount -t tmpfs -o ro,size=1m tapir-test mnt 2>/dev/null || skip "may not mount a tmpfs"
  at_exit+=("umount '$scratch/mnt'")
else
  chmod 555 mnt
fi
expect 4 "$tapir" restore v -C mnt
err_has mnt
same "$(find mnt -mindepth 1 | wc -l)" 0
