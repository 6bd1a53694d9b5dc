#!/usr/bin/env bash
# Files of operations that Windows carries out while it starts: made, checked, carried out in a
# directory and on an NTFS image.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
PATH=$PATH:/sbin:/usr/sbin

tree() {
  rm -rf c
  mkdir -p "c/Stage" c/Windows
  echo new >"c/Stage/a b.dll"
  echo old >"c/Windows/A B.dll"
}

# Ordered, each field as Windows reads it; the string for SetupExecute.
printf '# list\n%s\t%s\t%s\r\n%s\t%s\t%s\n\n%s\t%s\n%s\t%s' \
  shortname 'AB~1.DLL' 'C:\Windows\a b.dll' \
  move '\\?\C:\Stage\a b.dll' 'C:\Windows\a b.dll' \
  delete 'C:\Stage' delete 'C:\Windows\a b.dll' >list
expect 0 "$tapir" srdelayed make list -o ops --program 'C:\Windows\System32\srdelayed.exe' \
  --file 'C:\temp dir\ops'
same "$(cat "$out")" 'C:\Windows\System32\srdelayed.exe \??\C:\temp%20dir\ops' SetupExecute
wanted=$(printf '%s|' DeleteFile Unused '\??\C:\Windows\a b.dll' NotExecuted \
  MoveFile '\??\C:\Stage\a b.dll' '\??\C:\Windows\a b.dll' NotExecuted \
  DeleteFile Unused '\??\C:\Stage' NotExecuted \
  SetFileShortName 'AB~1.DLL' '\??\C:\Windows\a b.dll' NotExecuted)'|'
same "$(iconv -f UTF-16LE -t UTF-8 ops | tr '\0' '|')" "$wanted" "operations"
"$tapir" srdelayed make - -o - <list >again 2>"$err" || fail "through pipes"
cmp ops again
expect 4 "$tapir" srdelayed make list -o ops
err_has --overwrite
expect 0 "$tapir" srdelayed make list -o listed --as-listed --json
same "$(json "$out" 'o[0]["operations"]')" 4 "operations"
expect 0 "$tapir" srdelayed check listed
same "$(head -n 1 "$out")" "1  offset 0: short name 'AB~1.DLL' for 'C:\\Windows\\a b.dll': NotExecuted"

# What no file can hold is refused with its line.
refused() {
  printf '%b' "$1" >bad
  expect 2 "$tapir" srdelayed make bad -o none
  err_has "$2"
  [[ ! -e none ]] || fail "made from $1"
}
refused 'delete\tC:\\a\n\nmove\tC:\\a\n' "line 3: 'move"
refused 'delete\tC:\\a\x01b\n' "no file name has"
refused 'delete\tC:\\a\xed\xa0\x80\n' "half of a surrogate pair"
refused 'delete\tC:\\a\xff\n' "not UTF-8"
refused 'delete\t\\\\server\\share\\a\n' "local volume"
refused 'move\tC:\\a\tD:\\a\n' "another volume"
refused 'shortname\ttoo long name\tC:\\a\n' "short name"
refused 'move\tC:\\a\tC:\\c\nmove\tC:\\b\tC:\\c\n' "two files are moved there"
expect 4 "$tapir" srdelayed make missing -o none

# Malformed files: the offset, and nothing is done.
tree
malformed() {
  expect 3 "$tapir" srdelayed check "$1"
  out_has "malformed: offset $2: $3"
  expect 3 "$tapir" srdelayed run "$1" --drive C:=c
  err_has "offset $2: $3"
}
size=$(size_of ops)
head -c $((size - 2)) ops >unended
malformed unended $((size - 2)) "no end of the list"
printf '%s\0' DeleteFile Unused '\??\C:\Windows\A B.dll' '' | iconv -t UTF-16LE >three
malformed three 82 "a record of 3 fields"
: >empty
malformed empty 0 "an empty file"
head -c 7 ops >odd
malformed odd 6 "half a character"
{ cat ops; printf 'x\0'; } >behind
malformed behind "$size" "data behind the end"
printf '\xff\xfe' | cat - ops >mark
expect 1 "$tapir" srdelayed check --json mark
same "$(json "$out" 'o[0]')" "{'kind': 'warning', 'offset': 0, 'text': 'a byte order mark'}" "mark"
same "$(find c -type f | wc -l)" 2 "files that are left"

# In a directory; short names are not to be had there.
expect 2 "$tapir" srdelayed run ops --drive D:=c
err_has "no --drive says where C: is"
expect 2 "$tapir" srdelayed run ops --drive C=c
expect 0 "$tapir" srdelayed run ops --drive C:=c --dry-run
out_has "would be: 4 done, 0 failed"
expect 1 "$tapir" srdelayed run ops --drive c:=c --json
same "$(json "$out" '[x.get("outcome") for x in o[:-1]], o[-1]["restore_status_details"]')" \
  "(['done', 'done', 'done', 'failed'], $((0xC00000BB)))" "outcomes"
same "$(cat 'c/Windows/a b.dll')" new "what was moved"
[[ ! -e c/Stage ]] || fail "Stage is there"
expect 1 "$tapir" srdelayed check ops
out_has "C00000BB not supported"
out_has "4 operations: 3 done, 1 failed, 0 not executed"

# A failed move stops; in quiet only that is said.
tree
expect 0 "$tapir" srdelayed make list -o ops --overwrite
rm "c/Stage/a b.dll"
expect 1 "$tapir" srdelayed run -q ops --drive C:=c
out_is_empty
err_has "C0000034 name not found"
expect 1 "$tapir" srdelayed check ops
out_has "4 operations: 1 done, 1 failed, 2 not executed"
[[ -d c/Stage ]] || fail "carried on"

# Statuses that cannot be written: the first operation is the last.
if [[ $EUID -ne 0 ]]; then
  tree
  expect 0 "$tapir" srdelayed make list -o ops --overwrite
  chmod a-w ops
  expect 4 "$tapir" srdelayed run ops --drive C:=c
  [[ -e "c/Windows/A B.dll" ]] || fail "carried out what cannot be noted"
fi

# Many operations are interrupted, and go on. Memory does not grow with the file.
python3 - <<'PY'
import os
os.makedirs("many/d")
with open("many.list", "w") as out:
    for i in range(20000):
        open(f"many/d/{i}", "w").close()
        out.write(f"delete\tC:\\D\\{i}\n")
with open("large", "wb") as out:
    for i in range(200000):
        name = f"\\??\\C:\\{i:0200d}"
        out.write("".join(f + "\0" for f in ("DeleteFile", "Unused", name, "NotExecuted")).encode("utf-16-le"))
    out.write(b"\0\0")
PY
expect 0 "$tapir" srdelayed make many.list -o many.ops
set -m
"$tapir" srdelayed run -q many.ops --drive C:=many 2>"$err" >"$out" &
runner=$!
has_begun() { (($(find many/d -type f | wc -l) < 19900)); }
wait_until has_begun
kill -INT "$runner"
status=0
wait "$runner" || status=$?
set +m
if ((status != 0)); then
  same "$status" 130 "status when interrupted"
  err_has "goes on with the rest"
fi
expect 0 "$tapir" srdelayed run many.ops --drive C:=many
same "$(find many/d -type f | wc -l)" 0 "files that are left"
expect 0 "$tapir" srdelayed check -q many.ops

(($(size_of large) > 90000000)) || fail "not large"
# Sanitizers keep much memory of their own.
most_kib=60000
if grep -aq '__[at]san_init' "$tapir"; then most_kib=600000; fi
python3 - "$tapir" "$most_kib" <<'PY' || fail "memory for a large file"
import resource, subprocess, sys
for command in (["check"], ["run", "--dry-run", "--drive", "C:=many"]):
    subprocess.run([sys.argv[1], "srdelayed", command[0], "-q", "large"] + command[1:],
                   stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert used < int(sys.argv[2]), used
PY
expect 1 "$tapir" srdelayed run -q large --drive C:=many
err_has "record 1 "

# On NTFS, where short names are.
command -v mkntfs >/dev/null || skip "no mkntfs"
"$tapir" restore -q "$source_dir/format-spec/vectors/ntfs.tapir" -C ntfs:probe --make 8M >"$out" 2>&1 || true
if grep -aq 'this build writes no NTFS' "$out"; then skip "built without libntfs-3g"; fi
tree
expect 0 "$tapir" srdelayed make list -o ops --overwrite
cp ops c/Windows/ops
expect 0 "$tapir" archive -q v -C c .
expect 0 "$tapir" restore -q v -C ntfs:disk.img --make 16M
cp disk.img second.img
expect 0 "$tapir" srdelayed run ops --drive C:=ntfs:disk.img --dry-run
cmp disk.img second.img
expect 0 "$tapir" srdelayed run ops --drive C:=ntfs:disk.img
out_has "RestoreStatusResult 0"
ntfsfix -n disk.img >/dev/null || fail "disk.img has faults"
same "$(ntfscat disk.img 'Windows/a b.dll')" new "what was moved"
! ntfscat disk.img 'Windows/A B.dll' >/dev/null 2>&1 || fail "the old one is there"
ntfsinfo -F 'Windows/a b.dll' disk.img >info 2>/dev/null || fail "ntfsinfo"
grep -q "AB~1.DLL" info || fail "no short name"
expect 0 "$tapir" archive -q after ntfs:disk.img
expect 0 "$tapir" list after
! grep -q Stage "$out" || fail "Stage is there"
expect 0 "$tapir" srdelayed check ops
out_has "4 operations: 4 done"

# The file of operations lies on the volume itself.
expect 0 "$tapir" srdelayed run 'C:\windows\OPS' --drive C:=ntfs:second.img
ntfscat second.img Windows/ops >ops.there
cmp ops ops.there
ntfsfix -n second.img >/dev/null || fail "second.img has faults"
expect 4 "$tapir" srdelayed run 'C:\windows\none' --drive C:=ntfs:second.img
expect 4 "$tapir" srdelayed run ops --drive C:=ntfs:missing.img
