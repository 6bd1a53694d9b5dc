#!/usr/bin/env bash
# What the registry of Windows says of backups: shown, checked, obeyed and kept.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
make_hive=${TAPIR_MAKE_HIVE:?names the program that makes hives}

cat >system.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SYSTEM\Select]
"Current"=dword:00000001
"Default"=dword:00000001

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\BackupRestore\FilesNotToBackup]
"Memory Page File"=hex(7):5c,00,50,00,61,00,67,00,65,00,66,00,69,00,6c,00,65,00,\
  2e,00,73,00,79,00,73,00,00,00,00,00
"Temporary Files"="%TEMP%\\* /s"
"Nobody knows"="%NOPE%\\x"
"Task Scheduler"="%SystemRoot%\\Tasks\\*"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\BackupRestore\FilesNotToSnapshot]
"OutlookOST"="$UserProfile$\\*.ost"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\BackupRestore\KeysNotToRestore]
"Mount Manager"="MountedDevices\\"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Session Manager\Environment]
"TEMP"="%SystemRoot%\\TEMP"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\VSS\Settings]
"MaxShadowCopies"=dword:000003e8
REG
cat >software.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"SystemRoot"="C:\\Windows"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-1001]
"ProfileImagePath"="C:\\Users\\ann"
REG
config=c/Windows/System32/config
mkdir -p $config c/Windows/TEMP/deep c/Windows/Tasks c/Users/ann c/Users/bob 'c/SIS Common Store'
"$make_hive" system.reg 'HKEY_LOCAL_MACHINE\SYSTEM' $config/SYSTEM
"$make_hive" software.reg 'HKEY_LOCAL_MACHINE\SOFTWARE' $config/SOFTWARE
echo page >c/pagefile.sys
echo scratch >c/Windows/TEMP/deep/a.tmp
echo task >c/Windows/Tasks/t.job
echo mail | tee c/Users/ann/a.OST >c/Users/bob/a.ost
echo store >'c/SIS Common Store/1.sis'
echo kept >c/Users/ann/letter.txt

# Shown, of a hive, of an export, of a directory with a Windows.
expect 0 "$tapir" policy show $config/SYSTEM
out_has "'Memory Page File'  REG_MULTI_SZ  \\Pagefile.sys"
out_has "'MaxShadowCopies'  REG_DWORD  1000"
out_has "[inert: names %SystemRoot%, which has no value]"
err_has "not from 1 to 512; what applies: 64"
expect 0 "$tapir" policy show --json c
same "$(json "$out" 'sorted(x["entry"] for x in o if x["kind"] == "rule" and x["state"] == "applies")')" \
  "['\$UserProfile\$\\\\*.ost', '%SystemRoot%\\\\Tasks\\\\*', '%TEMP%\\\\* /s', 'MountedDevices\\\\', '\\\\Pagefile.sys']" "entries"
same "$(json "$out" '[x["data"] for x in o if x.get("name") == "MaxShadowCopies"]')" "[1000]" "number"
expect 0 "$tapir" policy show system.reg --all
out_has "'Memory Page File'  REG_MULTI_SZ  \\Pagefile.sys"
out_has "LastRestoreId  REG_SZ  no system state was restored"
expect 2 "$tapir" policy show
head -c 5000 /dev/urandom >noise
"$tapir" policy show noise >"$out" 2>"$err" && fail "noise is a policy"

# Written, with types and ranges looked at; read back by another program.
cp $config/SYSTEM SYSTEM
expect 0 "$tapir" policy set SYSTEM maxshadowcopies 128
out_has 'set ControlSet001\Services\VSS\Settings\MaxShadowCopies'
expect 0 "$tapir" policy set SYSTEM 'FilesNotToBackup\Scratch' 'D:\Scratch\* /s' '\core'
expect 0 "$tapir" policy set SYSTEM MinDiffAreaFileSize 33
expect 0 "$tapir" policy show SYSTEM
out_has "'Scratch'  REG_MULTI_SZ  D:\Scratch\* /s, \core"
out_has "'MinDiffAreaFileSize'  REG_DWORD  64"
if command -v reglookup >/dev/null; then
  same "$(reglookup -p /ControlSet001/Services/VSS/Settings/MaxShadowCopies SYSTEM | tail -n 1)" \
    "/ControlSet001/Services/VSS/Settings/MaxShadowCopies,DWORD,0x00000080," "reglookup"
fi
expect 0 "$tapir" policy set SYSTEM 'FilesNotToBackup\Scratch' --remove
cp SYSTEM before
expect 2 "$tapir" policy set SYSTEM MaxShadowCopies 513
expect 2 "$tapir" policy set SYSTEM LastInstance x
err_has "belongs into hive SOFTWARE"
expect 2 "$tapir" policy set SYSTEM FilesNotToBackup 'D:\x'
expect 2 "$tapir" policy set SYSTEM Nothing 1
expect 2 "$tapir" policy set SYSTEM MaxShadowCopies
expect 4 "$tapir" policy set SYSTEM 'FilesNotToBackup\Scratch' --remove
expect 1 "$tapir" policy set SYSTEM 'FilesNotToBackup\odd' unrooted
err_has "it means nothing"
expect 0 "$tapir" policy set SYSTEM 'FilesNotToBackup\odd' --remove
[[ ! -e SYSTEM.tapir-old ]] || fail "the old hive is left behind"

# Checked.
expect 0 "$tapir" policy check c 'C:\PAGEFILE.sys' 'D:\x\pagefile.sys' 'C:\Windows\temp\deep\a.tmp' \
  'C:\Windows\Temp\' 'C:\Users\ann\a.ost' 'C:\Users\bob\a.ost'
same "$(grep -c 'left out: ' "$out")" 3 "left out"
out_has "C:\\PAGEFILE.sys  left out: FilesNotToBackup 'Memory Page File': \\Pagefile.sys"
expect 0 "$tapir" policy check --writer 'task scheduler' c 'C:\Windows\Tasks\t.job'
out_has "kept: the writer decides itself"
expect 0 "$tapir" policy check --json --env NOPE='E:\' system.reg 'E:\x'
same "$(json "$out" 'o[0]["left_out"], o[0]["rule"]["name"]')" "(True, 'Nobody knows')" "check"
expect 2 "$tapir" policy check c pagefile.sys

# Obeyed and kept: of a directory that is a drive.
expect 0 "$tapir" archive -q all c
expect 0 "$tapir" archive v --drive C:=c c
out_has "4 entries"
err_has "%NOPE%"
expect 0 "$tapir" list v
for path in c/pagefile.sys c/Windows/TEMP/deep/a.tmp c/Windows/Tasks/t.job c/Users/ann/a.OST; do
  ! grep -qxF "$path" "$out" || fail "listed: $path"
done
for path in c/Users/bob/a.ost c/Windows/TEMP/deep 'c/SIS Common Store/1.sis' c/Users/ann/letter.txt; do
  grep -qxF "$path" "$out" || fail "not listed: $path"
done
expect 0 "$tapir" list v --excluded
same "$(wc -l <"$out")" 4 "absences"
out_has "c/pagefile.sys  FilesNotToBackup 'Memory Page File': \\Pagefile.sys"
out_has "c/Users/ann/a.OST  FilesNotToSnapshot 'OutlookOST': \$UserProfile\$\\*.ost"
expect 0 "$tapir" list v --excluded --json c/pagefile.sys
same "$(json "$out" 'o[0]["size"], o[0]["why"]["list"]')" "(5, 'FilesNotToBackup')" "why"
expect 0 "$tapir" list v --excluded -0 c/Windows
same "$(tr '\0' '\n' <"$out" | wc -l)" 2 "names"
expect 0 "$tapir" verify v
expect 0 "$tapir" info v
out_has "shaped by a policy"
expect 0 "$tapir" policy show v
out_has "C: is 'c' in the session"
out_has "(1 entry left out, 5 bytes)"

# A catalogue keeps it, as it was.
expect 0 "$tapir" policy show v --json --all
grep -v '"rule"' "$out" >from-volume
expect 0 "$tapir" catalog add -q --catalog kept.db v
volume=$("$tapir" catalog volumes --catalog kept.db --json | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["volume"])')
expect 0 "$tapir" catalog policy --catalog kept.db --json --all "$volume"
same "$(json "$out" 'set(x["volume"] for x in o)')" "{'$volume'}" "whose policy"
grep -v '"rule"' "$out" | sed "s/,\"volume\":\"$volume\"//" >from-catalog
cmp from-volume from-catalog || fail "the catalogue tells another policy"
expect 0 "$tapir" catalog policy --catalog kept.db "$volume:1"
out_has "session $volume:1"
out_has "C: is 'c' in the session"
out_has "FilesNotToBackup 'Memory Page File': \\Pagefile.sys"
expect 4 "$tapir" catalog policy --catalog kept.db "$volume:2"
expect 4 "$tapir" catalog policy --catalog kept.db nobody

cmp <("$tapir" archive -q --drive C:=c - c 2>/dev/null | wc -c) <("$tapir" archive -j 1 -q --drive C:=c - c 2>/dev/null | wc -c)

# None asked for, none kept.
expect 0 "$tapir" archive -q --policy none --drive C:=c none c
expect 0 "$tapir" list none --excluded
out_is_empty
expect 1 "$tapir" policy show none
err_has "no session has a policy"
expect 0 "$tapir" catalog add -q --catalog none.db none
expect 1 "$tapir" catalog policy --catalog none.db
err_has "no session has a policy"

# A list of rules, and the drive under another name.
printf '# ours\n\\*.tmp /s\n[KeysNotToRestore]\nSetup\\SystemPartition\n' >rules
expect 0 "$tapir" archive -q --policy rules -C c --drive D:=c rules-only .
expect 0 "$tapir" list rules-only --excluded
same "$(cat "$out")" "Windows/TEMP/deep/a.tmp  FilesNotToBackup 'rule file': \\*.tmp /s" "of rules"
expect 1 "$tapir" archive -q --policy rules unmapped c
err_has "--drive says which one is"
expect 4 "$tapir" archive -q --policy missing other c
expect 2 "$tapir" archive -q --drive C=c other c
expect 2 "$tapir" archive -q --env x other c

# A policy of later sessions holds for older ones, unless it is not wanted.
expect 0 "$tapir" archive -q old c
expect 0 "$tapir" archive -q old --drive C:=c c
expect 0 "$tapir" list old
out_has "c/pagefile.sys"
expect 0 "$tapir" list old --excluded
same "$(wc -l <"$out")" 4 "absences of the last session"
expect 0 "$tapir" restore old -C r1
out_has "4 left out by the policy"
[[ ! -e r1/c/pagefile.sys && -e r1/c/Users/bob/a.ost ]] || fail "the policy is not obeyed"
expect 0 "$tapir" verify old --against r1
expect 1 "$tapir" verify old --against r1 --policy none
expect 0 "$tapir" restore -q --policy none old -C r2
equal_trees c r2/c
expect 0 "$tapir" restore all --policy rules -C r3
[[ ! -e r3/c/Windows/TEMP/deep/a.tmp && -e r3/c/pagefile.sys ]] || fail "not of the list"
expect 0 "$tapir" restore -q --policy rules - -C r4 <all
[[ ! -e r4/c/Windows/TEMP/deep/a.tmp && -e r4/c/pagefile.sys ]] || fail "not of the list, from a stream"

# An NTFS volume that holds a Windows obeys it by itself.
command -v mkntfs >/dev/null || PATH=$PATH:/sbin:/usr/sbin
command -v mkntfs >/dev/null || skip "no mkntfs"
expect 0 "$tapir" archive -q -C c flat .
"$tapir" restore -q flat -C ntfs:c.img --make 16M >"$out" 2>&1 || true
if grep -aq 'this build writes no NTFS' "$out"; then skip "built without libntfs-3g"; fi
expect 0 "$tapir" archive -q image ntfs:c.img
expect 0 "$tapir" list image --excluded
same "$(wc -l <"$out")" 4 "absences of the image"
expect 0 "$tapir" policy show ntfs:c.img
out_has "'Memory Page File'"
expect 0 "$tapir" restore -q flat -C ntfs:d.img --make 16M --policy ntfs:c.img
expect 0 "$tapir" archive -q two ntfs:c.img ntfs:d.img --drive D:=ntfs:d.img --policy ntfs:c.img
expect 0 "$tapir" list two
grep -qx 'D/Users/ann/letter.txt' "$out" || fail "not below the letter of its drive"
expect 0 "$tapir" list two --excluded
grep -qF 'C/pagefile.sys  ' "$out" || fail "pagefile of C"
expect 2 "$tapir" archive -q three ntfs:c.img --drive D:=ntfs:d.img
err_has "not among the sources"

expect 0 "$tapir" policy set ntfs:c.img LastInstance '{01234567-89ab-cdef-0123-456789abcdef}'
ntfsfix -n c.img >/dev/null || fail "ntfsfix finds faults"
expect 0 "$tapir" policy show ntfs:c.img
out_has "'LastInstance'  REG_SZ  {01234567-89ab-cdef-0123-456789abcdef}"

# Of a disk with partitions the registry tells the letter: by the disk's signature and the offset.
cat system.reg - >mounted.reg <<'REG'

[HKEY_LOCAL_MACHINE\SYSTEM\MountedDevices]
"\\DosDevices\\E:"=hex(3):78,56,34,12,00,00,10,00,00,00,00,00
REG
mkdir -p e/Windows/System32/config
"$make_hive" mounted.reg 'HKEY_LOCAL_MACHINE\SYSTEM' e/Windows/System32/config/SYSTEM
echo page >e/pagefile.sys
expect 0 "$tapir" archive -q -C e flat-e .
expect 0 "$tapir" restore -q flat-e -C ntfs:e.img --make 8M --policy none
{ head -c 1M /dev/zero; cat e.img; } >disk.img
patch disk.img 440 78563412
patch disk.img 446 00000000070000000008000000400000
patch disk.img 510 55aa
expect 0 "$tapir" archive -q disk ntfs:disk.img#1
expect 0 "$tapir" policy show disk
out_has "E: is '.' in the session"
out_has "%SystemRoot% is E:\\Windows"
expect 0 "$tapir" list disk --excluded
same "$(cat "$out")" "pagefile.sys  FilesNotToBackup 'Memory Page File': \Pagefile.sys" "absence on E"

# A hive that cannot be read keeps nothing from the archive.
cp c.img bad.img
at=$(grep -abo regf bad.img | head -n 1 | cut -d: -f1)
patch bad.img $((at + 36)) ffffffff
expect 1 "$tapir" archive -q bad ntfs:bad.img
err_has "no policy of it obeyed"
expect 0 "$tapir" list bad
grep -qx pagefile.sys "$out" || fail "not everything is there"
