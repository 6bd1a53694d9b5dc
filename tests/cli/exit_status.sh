#!/usr/bin/env bash
# Exit status where several things are wrong, and objects that changed or could not be read.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

make_tree t
expect 0 "$tapir" archive -q --compress none v t

# Damage before a pattern without objects.
cp v damaged
offset=$(grep -abo 'small file 250' v | head -n1 | cut -d: -f1)
patch damaged "$offset" 5858
expect 3 "$tapir" restore damaged -C r t/documents nothing
# A failure before damage.
if [[ $EUID -eq 0 ]] && mkdir full && mount -t tmpfs -o size=1m tapir-test full 2>/dev/null; then
  at_exit+=("umount '$scratch/full'")
  expect 4 "$tapir" restore damaged -C full
fi

# A file that cannot be read is named and marked, the session stays whole.
mkdir u
echo a >u/good
if [[ $EUID -ne 0 ]]; then
  echo b >u/secret
  chmod 0 u/secret
  expect 1 "$tapir" archive w u
  err_has "'u/secret'"
  expect 0 "$tapir" verify w
fi

# A socket is left out with a word only.
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("u/socket")'
expect 0 "$tapir" archive x u/good u/socket
err_has "'u/socket'"
