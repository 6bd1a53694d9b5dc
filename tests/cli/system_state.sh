#!/usr/bin/env bash
# The system state of a Windows that is not running: hives merged by every kind of rule, files that
# wait for the next start, what goes wrong on the way; read by programs of other projects.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
PATH=$PATH:/sbin:/usr/sbin
command -v hivexregedit >/dev/null || skip "no hivexregedit"

# hive FILE: a hive of the text on standard input, in which keys above others may be left out.
hive() {
  python3 "$source_dir/tests/cli/lib/empty_hive.py" "$1"
  python3 -c '
import sys
print("Windows Registry Editor Version 5.00\n")
seen = set()
for line in sys.stdin:
    line = line.rstrip("\n")
    if line.startswith("["):
        names = line[1:-1].split("\\")
        for n in range(1, len(names)):
            above = "\\" + "\\".join(names[:n])
            if above not in seen:
                print(f"\n[{above}]\n")
                seen.add(above)
        seen.add("\\" + "\\".join(names))
        line = "\n[\\" + line[1:]
    print(line)' >"$1.reg"
  hivexregedit --merge "$1" "$1.reg" || fail "hivexregedit cannot make $1"
}
# multi TEXT...: as a REG_MULTI_SZ stands in an export.
multi() {
  printf 'hex(7):%s' "$({ printf '%s\0' "$@"; printf '\0'; } | iconv -t UTF-16LE |
    od -An -v -tx1 | tr -s ' \n' ',' | sed 's/^,//; s/,$//')"
}
# value HIVE KEY NAME: as a program of another project reads it.
value() { hivexget "$1" "$2" "$3" 2>/dev/null || echo "(none)"; }
# hex form of a value in the export of a hive.
export_hive() { PERL_UNICODE=S hivexregedit --export "$1" '\' >"$2" 2>/dev/null; }

config=Windows/System32/config
br='ControlSet001\Control\BackupRestore\KeysNotToRestore'
manager='ControlSet001\Control\Session Manager'
mkdir -p "session/$config" "target/$config" plain

{
  cat <<'REG'
[Select]
"Current"=dword:00000001
"Default"=dword:00000002
[ControlSet001]
[ControlSet002\Services\Higher]
"Start"=dword:00000003
"Of"="session"
[ControlSet002\Services\Lower]
"Start"=dword:00000002
[ControlSet002\Services\WithoutStart]
"Of"="session"
[ControlSet002\Services\OnlySession]
"Start"=dword:00000002
[ControlSet002\Services\dmio\boot info\b]
"x"="b"
[ControlSet002\Control\MSDTC\ASR]
"x"="session"
[ControlSet002\Control\Session Manager]
"PendingFileRenameOperations2"=hex(7):78,00,00,00,00,00
"AllowProtectedRenames"=dword:00000000
"SetupExecute"=hex(7):61,00,00,00,00,00
[ControlSet002\Control\BackupRestore\KeysNotToRestore]
REG
  echo "\"Mount Manager\"=$(multi 'MountedDevices\')"
  echo "\"Of the session\"=$(multi 'Setup\SystemPartition' 'MountedDevices' \
    'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\dmio\boot info\*')"
  cat <<'REG'
[MountedDevices]
"\\DosDevices\\C:"=hex:01,02
"\\DosDevices\\D:"=hex:03
[Setup]
"SystemPartition"="session"
"Other"="session"
[Sample]
"odd \"name\""=hex(b):01,02
@="default"
REG
} | hive "session/$config/SYSTEM"
{
  cat <<'REG'
[Select]
"Current"=dword:00000001
"Default"=dword:00000001
[ControlSet001\Services\Higher]
"Start"=dword:00000000
"Of"="target"
[ControlSet001\Services\Lower]
"Start"=dword:00000004
[ControlSet001\Services\WithoutStart]
"Start"=dword:00000001
"Of"="target"
[ControlSet001\Services\OnlyTarget\Deep]
"x"="target"
[ControlSet001\Services\dmio\boot info\a]
"x"="a"
[ControlSet001\Control\MSDTC\ASR\Below]
"x"="target"
[ControlSet001\Control\Session Manager]
REG
  echo "\"PendingFileRenameOperations\"=$(multi '\??\C:\a' '\??\C:\b')"
  echo '"AllowProtectedRenames"=dword:00000001'
  echo "[$br]"
  echo "\"Installed Services\"=$(multi 'CurrentControlSet\Services\*')"
  echo "\"Renames\"=$(multi 'CurrentControlSet\Control\Session Manager\PendingFileRenameOperations' \
    'CurrentControlSet\Control\Session Manager\PendingFileRenameOperations2' \
    'CurrentControlSet\Control\Session Manager\AllowProtectedRenames')"
  echo "\"MSDTC\"=$(multi 'CURRENTCONTROLSET\Control\MSDTC\ASR\')"
  cat <<'REG'
[MountedDevices]
"\\DosDevices\\E:"=hex:04
[Setup]
"SystemPartition"="target"
[OnlyTarget]
REG
} | hive "target/$config/SYSTEM"
for side in session target; do
  hive "$side/$config/SOFTWARE" <<REG
[Microsoft\\Windows NT\\CurrentVersion]
"SystemRoot"="C:\\\\Windows"
"Of"="$side"
REG
done
printf 'a new library' >session/Windows/System32/used.dll
printf 'an old library' >target/Windows/System32/USED.DLL
printf 'x' >session/other

# Each rule, on a mounted directory.
cp -r target merged
expect 0 "$tapir" archive -q v -C session .
expect 1 "$tapir" restore v -C merged --system-state --overwrite --json
err_is_empty
out_has "starts another control set next"
same "$(json "$out" 'sorted(x["rule"] for x in o if x.get("decision") == "kept from the target")')" \
  "['CURRENTCONTROLSET\\\\Control\\\\MSDTC\\\\ASR\\\\', 'CurrentControlSet\\\\Control\\\\Session Manager\\\\AllowProtectedRenames', 'CurrentControlSet\\\\Control\\\\Session Manager\\\\PendingFileRenameOperations', 'MountedDevices\\\\', 'Setup\\\\SystemPartition']" "decisions"
same "$(json "$out" 'o[-1]["system_state"]["hives"]')" "['$config/SYSTEM', '$config/SOFTWARE']" hives
id=$(json "$out" 'o[-1]["system_state"]["last_restore_id"]')
is() { same "$(value "merged/$config/SYSTEM" "$1" "$2")" "$3" "$1 $2"; }
services='ControlSet002\Services'
is "$services\\Higher" Start 0
is "$services\\Higher" Of session
is "$services\\Lower" Start 2
is "$services\\WithoutStart" Of target
is "$services\\WithoutStart" Start 1
is "$services\\OnlySession" Start 2
is "$services\\OnlyTarget\\Deep" x target
is "$services\\dmio\\boot info\\a" x a
is "$services\\dmio\\boot info\\b" x b
is 'ControlSet002\Control\MSDTC\ASR' x "(none)"
is 'ControlSet002\Control\MSDTC\ASR\Below' x target
is 'ControlSet002\Control\Session Manager' AllowProtectedRenames 1
is 'ControlSet002\Control\Session Manager' PendingFileRenameOperations2 "(none)"
is 'ControlSet002\Control\Session Manager' SetupExecute a
value "merged/$config/SYSTEM" 'ControlSet002\Control\Session Manager' PendingFileRenameOperations |
  grep -qF '\??\C:\a' || fail "no renames"
is Setup SystemPartition target
is Setup Other session
is MountedDevices '\DosDevices\C:' "(none)"
is OnlyTarget x "(none)"
is 'ControlSet002\Control\BackupRestore\SystemStateRestore' LastRestoreId "$id"
reglookup "merged/$config/SYSTEM" >looked 2>/dev/null || fail "reglookup refuses it"
grep -qF '/MountedDevices/\DosDevices\E:,' looked || fail "reglookup finds no drive E"
same "$(value "merged/$config/SOFTWARE" 'Microsoft\Windows NT\CurrentVersion' Of)" session SOFTWARE
same "$(find merged -name '*tapir*')" "" "leftovers"

# What no rule names is as it was, for another reader; a second generation is equal to the first.
export_hive "session/$config/SYSTEM" before
export_hive "merged/$config/SYSTEM" after
part() { sed -n '/^\[\\Sample/,/^$/p' "$1"; }
same "$(part after)" "$(part before)" "what no rule names"
[[ -n $(part after) ]] || fail "no such key"
# As the next start leaves it.
printf '[\\Select]\n"Current"=dword:00000002\n' | hivexregedit --merge "merged/$config/SYSTEM"
export_hive "merged/$config/SYSTEM" after
expect 0 "$tapir" archive -q second -C merged .
expect 0 "$tapir" restore -q second -C merged --system-state --overwrite
export_hive "merged/$config/SYSTEM" again
diff <(grep -v LastRestoreId after) <(grep -v LastRestoreId again) || fail "second generation"
! cmp -s after again || fail "LastRestoreId is the same"

# Options.
expect 2 "$tapir" restore v -C merged --bare-metal
expect 2 "$tapir" restore v -C merged --system-state --sysvol sometimes
expect 2 "$tapir" restore v -C merged --system-state --hives session
err_has "no directory below"
expect 1 "$tapir" restore -q v -C merged --system-state --overwrite --bare-metal \
  --hives merged/Windows/../Windows/System32/config --sysvol authoritative \
  --restored-volume '\\?\Volume{01234567-89ab-cdef-0123-456789abcdef}'
is 'ControlSet002\Services\DFSR\Restore' SYSVOL authoritative
is 'ControlSet002\Control\BackupRestore\SystemStateRestore' LastRestoreId "(none)"
value "merged/$config/SOFTWARE" 'Microsoft\Windows NT\CurrentVersion\ASR\RestoreSession' \
  RestoredVolumes | grep -qF 'Volume{01234567' || fail "no RestoredVolumes"

# A session without a hive, and a hive that is none: nothing is touched.
cp -r target kept
expect 0 "$tapir" archive -q w -C session other
expect 4 "$tapir" restore w -C kept --system-state --overwrite
err_has "holds no $config/SYSTEM"
printf 'no hive' >"kept/$config/SYSTEM"
cp -r kept kept.before
expect 3 "$tapir" restore v -C kept --system-state --overwrite
diff -r kept kept.before || fail "touched"

# At once where there is no srdelayed.exe, else at the next start.
cp -r target pending
expect 1 "$tapir" restore v -C pending --system-state --overwrite --pending '*.dll'
out_has "3 done, 0 failed"
same "$(cat pending/Windows/System32/used.dll)" "a new library" "used.dll"
same "$(find pending -maxdepth 1 -name 'Tapir-Staging-*')" "" staging
same "$(value "pending/$config/SOFTWARE" 'Microsoft\Windows NT\CurrentVersion\SystemRestore' \
  RestoreStatusResult)" 0 RestoreStatusResult
printf program >target/Windows/System32/srdelayed.exe

# On NTFS.
command -v mkntfs >/dev/null || skip "no mkntfs"
"$tapir" restore -q "$source_dir/format-spec/vectors/ntfs.tapir" -C ntfs:probe --make 8M >"$out" 2>&1 || true
if grep -aq 'this build writes no NTFS' "$out"; then skip "built without libntfs-3g"; fi
for side in session target; do
  expect 0 "$tapir" archive -q "of-$side" -C "$side" .
  expect 0 "$tapir" restore -q "of-$side" -C "ntfs:$side.img" --make 24M
done
expect 0 "$tapir" archive -q disk ntfs:session.img --policy none
cp target.img fresh.img
expect 1 "$tapir" restore disk -C ntfs:target.img --system-state --overwrite --pending '*.dll' --json
json "$out" '[x for x in o if x.get("notice") == "difference"]' >differences
same "$(cat differences)" "[]" "differences"
file=$(json "$out" 'o[-1]["system_state"]["operations_file"] if "system_state" in o[-1] else [x["system_state"]["operations_file"] for x in o if "system_state" in x][0]')
ntfsfix -n target.img >/dev/null || fail "target.img has faults"
hive_of() { ntfscat "$1" "$config/$2" >"$3" || fail "no $2 in $1"; }
hive_of target.img SYSTEM SYSTEM
same "$(value SYSTEM "$services\\Higher" Start)" 0 Start
execute=$(value SYSTEM 'ControlSet002\Control\Session Manager' SetupExecute | tr '\n' '|')
same "$execute" "a|C:\\Windows\\System32\\srdelayed.exe \\??\\C:\\$file||" SetupExecute
same "$(ntfscat target.img Windows/System32/USED.DLL)" "an old library" "the library in use"
# What Windows does then.
cp target.img unsaid.img
expect 0 "$tapir" srdelayed run "C:\\$file" --drive C:=ntfs:unsaid.img --no-status
expect 0 "$tapir" srdelayed run "C:\\$file" --drive C:=ntfs:target.img
out_has "3 done"
same "$(ntfscat target.img Windows/System32/used.dll)" "a new library" "the library put into place"
hive_of target.img SOFTWARE SOFTWARE
same "$(value SOFTWARE 'Microsoft\Windows NT\CurrentVersion\SystemRestore' RestoreStatusResult)" 0 \
  "RestoreStatusResult"
hive_of unsaid.img SOFTWARE SOFTWARE
same "$(value SOFTWARE 'Microsoft\Windows NT\CurrentVersion\SystemRestore' RestoreStatusResult)" \
  "(none)" "RestoreStatusResult with --no-status"
ntfsfix -n target.img >/dev/null || fail "target.img has faults"

# Killed at any moment and repeated: always the same registry.
hive_of target.img SYSTEM merged.system
export_hive merged.system wanted
is_merged() {
  cmp -s <(grep -v 'LastRestoreId\|SetupExecute' now.reg) \
    <(grep -v 'LastRestoreId\|SetupExecute' wanted)
}
for delay in 0.01 0.02 0.03 0.04 0.05 0.06 0.08 0.1 0.15; do
  cp fresh.img killed.img
  "$tapir" restore -q disk -C ntfs:killed.img --system-state --overwrite --pending '*.dll' \
    >"$out" 2>"$err" &
  runner=$!
  sleep "$delay"
  kill -KILL "$runner" 2>/dev/null || true
  status=0
  wait "$runner" 2>/dev/null || status=$?
  ((status <= 1 || status == 137)) || fail "exit status $status"
  : >old
  ntfscat killed.img "$config/SYSTEM.tapir-old" >old 2>/dev/null || true
  hive_of killed.img SYSTEM now
  if ! export_hive now now.reg; then
    [[ -s old ]] || fail "neither the hive nor the old one after $delay s"
  fi
  # Once it is merged the rules of the target are gone with its hive, so that it is not repeated.
  if [[ ! -s old ]] && is_merged; then continue; fi
  status=0
  "$tapir" restore -q disk -C ntfs:killed.img --system-state --overwrite --pending '*.dll' \
    >"$out" 2>"$err" || status=$?
  ((status <= 1)) || fail "exit status $status when repeated after $delay s"
  hive_of killed.img SYSTEM now
  export_hive now now.reg || fail "hivexregedit refuses it after $delay s"
  is_merged || fail "not the same after $delay s"
done

# No room for the new hive: the old one stays.
hive "session/$config/SYSTEM" <<REG
[Select]
"Current"=dword:00000001
"Default"=dword:00000001
[ControlSet001]
$(for n in 1 2 3 4 5 6; do
  echo "\"large $n\"=hex:$(head -c 15000 /dev/zero | od -An -v -tx1 | tr -s ' \n' ',' | sed 's/^,//; s/,$//')"
done)
REG
expect 0 "$tapir" archive -q large -C session "$config/SYSTEM"
mkdir full
cp -r target/Windows full
head -c 3M /dev/urandom >full/filler
expect 0 "$tapir" archive -q of-full -C full .
expect 0 "$tapir" restore -q of-full -C ntfs:full.img --make 8M
free=$(ntfsinfo -m full.img 2>/dev/null | sed -n 's/.*Free Clusters: *\([0-9]*\).*/\1/p')
head -c $(((free - 7) * 4096)) /dev/urandom >full/filler2
expect 0 "$tapir" archive -q of-full2 -C full filler2
expect 0 "$tapir" restore -q of-full2 -C ntfs:full.img
expect 4 "$tapir" restore -q large -C ntfs:full.img --system-state --overwrite
err_has "the registry is as it was"
hive_of full.img SYSTEM now
cmp now "target/$config/SYSTEM"
! ntfscat full.img "$config/SYSTEM.tapir-old" >/dev/null 2>&1 || fail "a copy is left"
ntfsfix -n full.img >/dev/null || fail "full.img has faults"

# An image that cannot be written, and one that somebody else has.
cp fresh.img locked.img
flock locked.img sleep 5 &
holder=$!
sleep 0.2
expect 4 "$tapir" restore -q disk -C ntfs:locked.img --system-state --overwrite
kill "$holder" 2>/dev/null || true
wait "$holder" 2>/dev/null || true
chmod 444 fresh.img
as_nobody=()
if [[ $EUID -eq 0 ]]; then
  chmod 711 "$scratch"
  as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
cp fresh.img fresh.before
expect 4 "${as_nobody[@]}" "$tapir" restore -q disk -C ntfs:fresh.img --system-state --overwrite
cmp fresh.img fresh.before
