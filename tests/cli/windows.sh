#!/usr/bin/env bash
# The sample volumes with objects of Windows, brought onto NTFS and onto a directory.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
PATH=$PATH:/sbin:/usr/sbin
command -v mkntfs >/dev/null || skip "no mkntfs"
vectors=$TAPIR_SOURCE_DIR/format-spec/vectors

"$tapir" restore -q "$vectors/ntfs.tapir" -C ntfs:probe --make 8M >"$out" 2>&1 || true
if grep -aq 'this build writes no NTFS' "$out"; then skip "built without libntfs-3g"; fi
rm -f probe

sound() {
  ntfsresize -i -f "$1" >/dev/null 2>&1 && ntfsfix -n "$1" >/dev/null || fail "$1 has faults"
}

# Everything comes back, and does so again from there.
for vector in ntfs backup-stream; do
  expect 0 "$tapir" restore "$vectors/$vector.tapir" -C "ntfs:$vector.img" --make 16M
  sound "$vector.img"
  expect 0 "$tapir" verify "$vectors/$vector.tapir" --against "ntfs:$vector.img"
  expect 0 "$tapir" archive -q "$vector.again" "ntfs:$vector.img"
  expect 0 "$tapir" restore -q "$vector.again" -C "ntfs:$vector.img.2" --make 16M
done

# Ciphertext with holes of 512 bytes needs clusters that are no larger.
truncate -s 16M efs.img
mkntfs -q -F -Q -c 512 -s 512 -p 0 -H 0 -S 0 efs.img >/dev/null 2>&1 || fail "mkntfs"
expect 0 "$tapir" restore "$vectors/efs.tapir" -C ntfs:efs.img
sound efs.img
expect 0 "$tapir" verify "$vectors/efs.tapir" --against ntfs:efs.img
expect 1 "$tapir" restore "$vectors/efs.tapir" -C ntfs:large-clusters.img --make 16M
err_has "clusters of 4096"

# SIS links as links: the store file after them, and what the service has to be told.
expect 1 "$tapir" verify "$vectors/sis.tapir"
grep -q "'orphan': SIS:" "$out" || fail "the orphan is not told"
expect 1 "$tapir" restore "$vectors/sis.tapir" -C ntfs:sis.img --make 16M
err_has "'orphan'"
err_has "Windows Server 2012 R2"
sound sis.img
same "$(grep -o '"call":"[A-Za-z]*"' sis.img.sis.jsonl | cut -d: -f2 | tr -d '"\n')" \
  "SisCreateRestoreStructure$(printf 'SisRestoredLink%.0s' 1 2 3)SisRestoredCommonStoreFileSisFreeRestoreStructure" \
  "calls"
expect 0 "$tapir" verify "$vectors/sis.tapir" --against ntfs:sis.img

# A store file that is there is neither restored again nor told.
expect 1 "$tapir" restore "$vectors/sis.tapir" --overwrite --sis-list calls -C ntfs:sis.img
grep -q SisRestoredLink calls || fail "no calls"
! grep -q SisRestoredCommonStoreFile calls || fail "the store file was written over"

# One link brings its store file; from a stream what comes is taken as it comes.
expect 0 "$tapir" restore "$vectors/sis.tapir" link -C ntfs:one.img --make 16M
expect 0 "$tapir" archive -q one ntfs:one.img
expect 0 "$tapir" list --sis one
grep -q "^1 link, " "$out" || fail "not one link"
! grep -q "NOT IN THE ARCHIVE" "$out" || fail "without its store file"
expect 1 "$tapir" restore - -C ntfs:stream.img --make 16M --sis-list calls <"$vectors/sis.tapir"
same "$(grep -c SisRestoredCommonStoreFile calls)" 1 "store files from a stream"
expect 0 "$tapir" verify "$vectors/sis.tapir" --against ntfs:stream.img

# As files.
expect 1 "$tapir" restore "$vectors/sis.tapir" -C ntfs:files.img --make 16M --sis files
err_has "'orphan': not restored"
expect 1 "$tapir" verify "$vectors/sis.tapir" --against ntfs:files.img --sis files
same "$(grep -vc "'orphan'" "$out")" 1 "differences but that of the orphan, and the sentence"
[[ ! -e files.img.sis.jsonl ]] || fail "calls for files"
expect 1 "$tapir" restore "$vectors/sis.tapir" -C tree
err_has "'orphan': not restored"
cmp <(ntfscat files.img link) tree/link
[[ ! -e tree/orphan && -s tree/link ]] || fail "tree"
expect 2 "$tapir" restore "$vectors/sis.tapir" -C tree --sis links
err_has "directory"
expect 2 "$tapir" restore "$vectors/sis.tapir" -C tree --sis both

# What only NTFS has, beside the files; streams as files and as xattrs.
expect 0 "$tapir" restore "$vectors/ntfs.tapir" -C beside --windows-metadata --windows-streams files
python3 - beside <<'PY' || fail "metadata beside the files"
import json, sys
root = sys.argv[1]
with open(f"{root}/Documents and Settings/.tapir-windows.json", encoding="utf-8") as file:
    document = json.load(file)
assert document["version"] == 1
found = {entry["name"]: entry for entry in document["objects"]}["everything there is.bin"]
assert found["short_name"] == "EVERYT~1.BIN" and found["attributes"] == 0xA20, found
assert found["change_time"] == 132000000023456789 and found["ntfs_object_id"] == "66" * 16, found
assert {"name": "holes", "size": 200000, "valid_bytes": 70000, "sparse": True,
        "compressed": False, "encrypted": False} in found["streams"], found
with open(f"{root}/Documents and Settings/everything there is.bin:Zone.Identifier", "rb") as file:
    assert len(file.read()) == 26
PY
same "$(stat -c %s 'beside/Documents and Settings/everything there is.bin:holes')" 200000 "stream"
same "$(readlink beside/junction)" "Documents and Settings" "junction"
expect 1 "$tapir" restore "$vectors/ntfs.tapir" -C xattrs --windows-streams xattrs
err_has "too long for an xattr"
getfattr --only-values -n user.Zone.Identifier 'xattrs/Documents and Settings/everything there is.bin' \
  >value 2>/dev/null || fail "no xattr"
cmp value 'beside/Documents and Settings/everything there is.bin:Zone.Identifier'
