#!/usr/bin/env bash
# What a catalogue finds: by text, by marks, in directories; and what it writes out.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

mkdir -p t/Docs/deep t/ä
printf alpha >t/Docs/a.txt
printf beta >t/Docs/B.TXT
head -c 5000 /dev/zero >t/Docs/deep/five.raw
head -c 70000 /dev/urandom >t/seventy.raw
echo umlaut >t/ä/Größe.txt
ln t/Docs/a.txt t/Docs/hard
ln -s a.txt t/Docs/soft
mkfifo t/pipe
touch -d 2020-01-01T12:00Z t/Docs/a.txt
touch -d 2026-03-01T12:00Z t/Docs/B.TXT
expect 0 "$tapir" archive -q one.tapir --label one -C t .
printf "alpha 2" >t/Docs/a.txt
touch -d 2026-03-02T12:00Z t/Docs/a.txt
expect 0 "$tapir" archive -q one.tapir --fixity sha256 -C t Docs
mkdir s
printf beta >s/copy.txt
expect 0 "$tapir" archive -q two.tapir --label two -C s .
expect 0 "$tapir" catalog add -q one.tapir two.tapir

# found ARGUMENTS...: paths, sorted, in one line.
found() {
  expect 0 "$tapir" catalog find --json "$@"
  json "$out" '" ".join(sorted(x["path"] for x in o))'
}
same "$(found a.txt)" "Docs/a.txt" "part"
same "$(found A.T)" "Docs/a.txt" "either case"
expect 1 "$tapir" catalog find A.T --case
err_has "'A.T': nothing is found"
same "$(found TXT --case)" "Docs/B.TXT" "case"
same "$(found ä --type f)" "ä/Größe.txt" "one letter"
same "$(found GRÖ)" "ä/Größe.txt" "letters beyond ASCII"
same "$(found '*.raw')" "Docs/deep/five.raw seventy.raw" "glob over slashes"
same "$(found '[b-c]*.txt')" "copy.txt" "glob of all of it"
same "$(found --exact Docs/a.txt)" "Docs/a.txt" "exact"
expect 1 "$tapir" catalog find --exact a.txt
same "$(found --exact /Docs/./a.txt)" "Docs/a.txt" "exact, from the root"
same "$(found --exact Docs/deep//)" "Docs/deep" "exact, a directory"
same "$(found --exact / --volume one)" "." "exact, the root"
expect 1 "$tapir" catalog find --exact /a.txt
err_has "'/a.txt': nothing is found"
# A glob that is meant for a part of the path.
expect 1 "$tapir" catalog find 'ä/*.jpg' --type f
err_has "'ä/*.jpg': nothing is found; a glob is for the whole path: '*ä/*.jpg*'"
expect 1 "$tapir" catalog find '*deeper*'
err_has "'*deeper*': nothing is found"
err_lacks "glob"
same "$(found --regex '(five|seventy)\.raw$')" "Docs/deep/five.raw seventy.raw" "expression"
expect 2 "$tapir" catalog find --regex '('
same "$(found --type d Docs)" "Docs Docs/deep" "directories"
same "$(found --type l)" "Docs/soft" "symbolic links"
same "$(found --type p)" "pipe" "FIFOs"
same "$(found --type lp)" "Docs/soft pipe" "both"
same "$(found raw --size 5000)" "Docs/deep/five.raw" "one size"
same "$(found raw --size 5001..)" "seventy.raw" "from"
same "$(found raw --size ..68K)" "Docs/deep/five.raw" "to"
same "$(found txt --newer 2026-03-01 --older 2026-03-02)" "Docs/B.TXT" "that day"
same "$(found txt --type f --volume one --newer 2026-03-02T12:00Z --older 2026-03-02T12:00:01Z)" \
  "Docs/a.txt" "that second"
same "$(found --owner "$(id -u)" seventy)" "seventy.raw" "owner"
same "$(found --owner "$(id -un)" --group "$(id -g)" seventy)" "seventy.raw" "owner by name"
expect 1 "$tapir" catalog find --owner 4000000000 seventy
digest=$(printf beta | sha256sum | cut -c1-64)
same "$(found --digest "$digest")" "Docs/B.TXT" "SHA-256"
if command -v xxhsum >/dev/null; then
  digest=$(printf beta | xxhsum -H2 | cut -c1-32)
  same "$(found --digest "${digest^^}")" "Docs/B.TXT copy.txt" "XXH3-128"
  same "$(found --digest "${digest:0:7}")" "Docs/B.TXT copy.txt" "its beginning"
fi
same "$(found txt --volume two)" "copy.txt" "on one volume"
same "$(found txt --volume two --volume one --session 2)" "Docs/B.TXT Docs/a.txt" "of one session"
expect 1 "$tapir" catalog find --certificate 00ff
expect 4 "$tapir" catalog find --volume three x
same "$(found --exact Docs/a.txt --all-versions)" "Docs/a.txt Docs/a.txt" "versions"
same "$(json "$out" '[(x["session"], x["size"]) for x in o]')" "[(2, 7), (1, 5)]" "newest first"
expect 0 "$tapir" catalog find --limit 3
same "$(wc -l <"$out")" 3 "limit"

# Of encrypted objects what a certificate opens.
python3 "$source_dir/tests/cli/lib/windows_files.py" raw secret.raw
expect 0 "$tapir" archive -q efs.tapir --label efs efs:secret.raw s
expect 0 "$tapir" catalog add -q efs.tapir
same "$(found --certificate "$(printf '41:%.0s' {1..19})41")" "secret.raw" "certificate"
same "$(json "$out" 'o[0]["volume"]')" efs "its volume"
expect 1 "$tapir" catalog find --certificate "$(printf 'AB%.0s' {1..20})"
expect 0 "$tapir" catalog forget -q efs

# As lines, as names, and everything an object says.
expect 0 "$tapir" catalog find copy
same "$(cat "$out")" "two:1  copy.txt" "line"
expect 0 "$tapir" catalog find -l --exact Docs/soft
grep -qE '^one:2  lrwxrwxrwx .* Docs/soft -> a\.txt$' "$out" || fail "long line"
expect 0 "$tapir" catalog find -0 raw
same "$(tr '\0' '\n' <"$out" | sort | tr '\n' ' ')" "Docs/deep/five.raw seventy.raw " "names"
expect 0 "$tapir" catalog volumes --location two 'shelf 2'
expect 0 "$tapir" catalog find --json copy
expect 0 "$tapir" catalog volumes --json two
uuid=$(json "$out" 'o[0]["uuid"]')
expect 0 "$tapir" catalog find --json copy
same "$(json "$out" 'o[0]["volume"], o[0]["volume_uuid"], o[0]["session"], o[0]["size"], o[0]["location"], o[0]["type"]')" \
  "('two', '$uuid', 1, 4, 'shelf 2', 'file')" "object"
cp "$out" of_catalog
expect 0 "$tapir" list --json two.tapir copy.txt
python3 - of_catalog "$out" <<'PY'
import json, sys
of_catalog, of_volume = (json.loads(open(name).readline()) for name in sys.argv[1:])
for key, value in of_volume.items():
    if key != "volume":
        assert of_catalog[key] == value, (key, of_catalog[key], value)
PY

# A reader that goes away, and hits that come before the end.
expect 0 bash -c 'set -o pipefail; "$1" catalog find | head -n 1 || [[ $? == 141 ]]' - "$tapir"

# Directories.
expect 0 "$tapir" catalog ls one
same "$(tr '\n' ' ' <"$out")" "Docs/ pipe seventy.raw ä/ " "root"
expect 0 "$tapir" catalog ls one Docs
same "$(tr '\n' ' ' <"$out")" "B.TXT a.txt deep/ hard soft " "directory"
expect 0 "$tapir" catalog ls one Docs -0
same "$(tr '\0' ' ' <"$out")" "B.TXT a.txt deep hard soft " "names"
expect 0 "$tapir" catalog ls one.tapir Docs -l --session 1
grep -qE '^one:1  -rw.* 5 2020-01-01 12:00:00 a\.txt$' "$out" || fail "long line"
expect 0 "$tapir" catalog ls one Docs --json
same "$(json "$out" '[(x["path"], x["session"]) for x in o][:2]')" "[('Docs/B.TXT', 2), ('Docs/a.txt', 2)]" "objects"
expect 4 "$tapir" catalog ls one --session 2 ä
expect 4 "$tapir" catalog ls one --session 9
expect 4 "$tapir" catalog ls one --at 2001-01-01
err_has "no session of it had ended then"
expect 0 "$tapir" catalog ls one --at 2100-01-01 Docs/deep
same "$(cat "$out")" "five.raw" "then"
expect 4 "$tapir" catalog ls one nowhere
expect 4 "$tapir" catalog ls three
expect 0 "$tapir" catalog ls one /Docs/./deep//
same "$(cat "$out")" "five.raw" "a path as people write it"
expect 0 "$tapir" catalog ls one Docs/a.txt
same "$(cat "$out")" "a.txt" "no directory"
expect 4 "$tapir" catalog ls one Docs/a.txt/b

# Everything, for other programs.
expect 0 "$tapir" catalog export jsonl
cp "$out" all.jsonl
same "$(json all.jsonl 'sum(x["path"] == "Docs/a.txt" for x in o), sum(x["volume"] == "two" for x in o) > 0')" "(2, True)" "jsonl"
expect 0 "$tapir" catalog export csv -o all.csv
out_is_empty
python3 - all.csv all.jsonl <<'PY'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")))
objects = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
def key(x): return (x["path"], x["volume_uuid"], int(x["session"]), int(x["size"]), x["type"], x.get("xxh128") or "")
assert sorted(map(key, rows)) == sorted(map(key, objects)), (rows, objects)
PY
same "$(stat -c %a all.csv)" "$(printf '%o' $((0666 & ~$(umask))))" "mode"
expect 4 "$tapir" catalog export csv -o nowhere/all.csv
expect 4 "$tapir" catalog export csv -o /dev/full
expect 4 bash -c '"$1" catalog export jsonl >/dev/full' - "$tapir"
[[ -z $(find . -name 'all.csv.*') ]] || fail "left behind"
