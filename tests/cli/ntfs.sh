#!/usr/bin/env bash
# NTFS volumes as source and target of the command.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
PATH=$PATH:/sbin:/usr/sbin
command -v mkntfs >/dev/null || skip "no mkntfs"

mkdir -p tree/sub
echo one >tree/one
head -c 300000 /dev/urandom >tree/sub/two
touch -d '2001-02-03 04:05:06.1234567' tree/sub/two tree/one
ln tree/one tree/sub/link
"$tapir" archive -q start tree >/dev/null 2>"$err" || fail "archive"
if "$tapir" restore -q start -C ntfs:probe --make 8M 2>&1 | grep -aq 'this build writes no NTFS'; then
  skip "built without libntfs-3g"
fi
rm -f probe

# A tree of this system onto a new volume, and from there into an archive.
expect 0 "$tapir" restore -q start -C ntfs:a.img --make 16M
ntfsfix -n a.img >/dev/null || fail "ntfsfix finds faults"
expect 0 "$tapir" archive -q v ntfs:a.img
expect 0 "$tapir" verify -q v
expect 0 "$tapir" list v
for path in . tree tree/one tree/sub tree/sub/link tree/sub/two; do
  grep -qxF -- "$path" "$out" || fail "not listed: $path"
done
# What a POSIX system cannot keep may be told of.
"$tapir" restore -q v -C r >"$out" 2>"$err" || (($? == 1)) || fail "restore from an NTFS volume"
cmp tree/sub/two r/tree/sub/two
cmp tree/one r/tree/sub/link
same "$(stat -c %.7Y r/tree/sub/two)" "$(stat -c %.7Y tree/sub/two)" "time"
same "$(stat -c %h r/tree/one)" 2 "links"

# Onto a volume that is there: kept, then replaced.
expect 0 "$tapir" restore -q v -C ntfs:b.img --make 16M
expect 1 "$tapir" restore v -C ntfs:b.img
err_has "'tree/one'"
expect 0 "$tapir" restore -q --overwrite v -C ntfs:b.img
ntfsresize -i -f b.img >/dev/null 2>&1 || fail "ntfsresize finds faults"
expect 4 "$tapir" restore v -C ntfs:b.img --make 16M
err_has "b.img"
expect 4 "$tapir" restore v -C ntfs:missing.img

# Choosing on both sides.
expect 0 "$tapir" archive -q chosen ntfs:a.img --select tree/sub
expect 0 "$tapir" list chosen
grep -qxF tree/sub/two "$out" || fail "not chosen"
! grep -qxF tree/one "$out" || fail "chosen against the pattern"
expect 0 "$tapir" restore -q v tree/sub/two -C ntfs:c.img --make 16M
expect 0 "$tapir" archive -q again ntfs:c.img
expect 0 "$tapir" list again
! grep -qxF tree/one "$out" || fail "restored against the pattern"

# Several at once stand below their labels; without one, below the name of the image.
ntfslabel a.img SYSTEM >/dev/null 2>&1
cp a.img d.img
expect 0 "$tapir" archive -q several ntfs:a.img ntfs:b.img ntfs:d.img
expect 0 "$tapir" list several
for path in SYSTEM/tree/one b.img/tree/one SYSTEM-2/tree/one; do
  grep -qxF -- "$path" "$out" || fail "not listed: $path"
done

# A volume behind an offset.
truncate -s 1M disk
cat a.img >>disk
expect 0 "$tapir" archive -q behind ntfs:disk@1048576
expect 0 "$tapir" list behind
grep -qxF tree/sub/two "$out" || fail "not found behind the offset"

# What makes no sense.
expect 2 "$tapir" archive w ntfs:
expect 2 "$tapir" archive w ntfs:a.img#x
expect 2 "$tapir" archive w ntfs:a.img@y
expect 2 "$tapir" archive w ntfs:disk@512
expect 2 "$tapir" archive w ntfs:disk#1
expect 2 "$tapir" restore v -C r2 --make 16M
expect 2 "$tapir" restore v -C ntfs:e.img --make 1K
[[ ! -e e.img ]] || fail "left behind"
expect 4 "$tapir" archive w ntfs:missing.img
[[ ! -e w ]] || fail "a volume was made"

# A full volume: an error that names the file, and what is there is whole.
head -c 12000000 /dev/urandom >large
expect 0 "$tapir" archive -q big large
expect 4 "$tapir" restore big -C ntfs:full.img --make 6M
err_has "'large'"
err_has "tapir: ntfs:full.img: "
ntfsresize -i -f full.img >/dev/null 2>&1 || fail "the full volume has faults"

# A raw export of Windows becomes the encrypted file it is of.
python3 "$source_dir/tests/cli/lib/windows_files.py" raw secret.raw
expect 0 "$tapir" archive -q exported efs:secret.raw
expect 0 "$tapir" restore exported -C ntfs:e.img --make 16M
expect 0 "$tapir" verify exported --against ntfs:e.img
expect 0 "$tapir" archive -q encrypted ntfs:e.img
expect 0 "$tapir" list encrypted --efs
out_has "secret.raw"
out_has "1,000 bytes"
