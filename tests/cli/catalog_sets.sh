#!/usr/bin/env bash
# Several volumes and sessions in one catalogue: sets, duplicates, copies, what a restore needs, and
# what sessions have differently.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

mkdir tree
for i in 1 2 3 4 5 6; do head -c 1500000 /dev/urandom >"tree/part$i"; done
head -c 20000000 /dev/urandom >tree/q-large
ln tree/part1 tree/z-name
ln tree/q-large tree/r-name
expect 0 "$tapir" archive vtape:a --capacity 12M --compress none --label demo --next vtape:b \
  --next vtape:c --next vtape:d tree --catalog
out_has "vtape:a: 1 session added"
out_has "vtape:d: 1 session added"
expect 0 "$tapir" catalog volumes --json
same "$(json "$out" '[(x["volume"], x["volume_sequence"], len(x["sessions"])) for x in o]')" \
  "[('demo#1', 1, 1), ('demo#2', 2, 1), ('demo#3', 3, 1), ('demo#4', 4, 1)]" "set"
same "$(json "$out" 'all(x["free_bytes"] < x["capacity_bytes"] <= 13e6 for x in o)')" True "free"
expect 0 "$tapir" catalog volumes --location 'demo#2' 'shelf 2'
expect 2 "$tapir" catalog volumes --location demo 'shelf 2'
expect 0 "$tapir" verify -q vtape:a --next vtape:b --next vtape:c --next vtape:d --catalog
expect 0 "$tapir" catalog volumes demo --json
same "$(json "$out" '[x["health"] for x in o]')" "['intact', 'intact', 'intact', 'intact']" "all verified"
expect 2 "$tapir" catalog note demo x
expect 2 "$tapir" catalog forget demo
expect 4 "$tapir" catalog note 'demo#5' x

# One object in pieces is one, with its parts.
expect 0 "$tapir" catalog find --json q-large
same "$(json "$out" 'len(o), o[0]["size"], o[0]["volume_sequence"] - len(o[0]["earlier_parts"]) >= 1')" "(1, 20000000, True)"
expect 0 "$tapir" catalog find --volume 'demo#1' --type f
same "$(wc -l <"$out")" "$("$tapir" catalog find --volume vtape:a --type f | wc -l)" "two names of one"
expect 0 "$tapir" catalog ls demo tree
same "$(wc -l <"$out")" 9 "all of the set"

# What a restore needs: of the set the volumes that hold it, and no others.
expect 0 "$tapir" catalog needs tree/part1 --json
same "$(json "$out" '[x.get("volume") for x in o], o[-1]["mounts"]')" "(['demo#1', None], 1)" "one file"
expect 0 "$tapir" catalog needs tree/q-large
same "$(tail -n 1 "$out" | cut -d, -f1-2)" \
  "$("$tapir" catalog find --json q-large | json /dev/stdin '"%d mounts, 1 object" % (1 + len(o[0]["earlier_parts"]))')" "parts"
grep -qF '(shelf 2): session 1, ' "$out" || fail "not where it is kept"
expect 0 "$tapir" catalog needs tree/r-name --json
same "$(json "$out" '[x.get("volume") for x in o]')" \
  "$("$tapir" catalog needs tree/q-large --json | json /dev/stdin '[x.get("volume") for x in o]')" "what its other name needs"
expect 0 "$tapir" catalog needs tree/z-name --json
same "$(json "$out" '[x.get("volume") for x in o]')" "['demo#4', None]" "a name on another volume"
expect 0 "$tapir" catalog needs
out_has "4 mounts, "
expect 0 "$tapir" catalog needs -q --of demo
same "$(cut -d' ' -f1-2 "$out" | tr '\n' ' ')" "1. demo#1: 2. demo#2 3. demo#3: 4. demo#4: " "in order"
expect 1 "$tapir" catalog needs nothing-like-this
err_has "'nothing-like-this': selects nothing"
expect 4 "$tapir" catalog needs --of nobody
expect 4 "$tapir" catalog needs --session 7
expect 4 "$tapir" catalog needs --at 2001-01-01

# A restore from exactly those volumes succeeds, in that order.
expect 0 "$tapir" catalog needs --json tree/q-large
mapfile -t addresses < <(json "$out" '"\n".join(x["address"] for x in o if "address" in x)')
arguments=("${addresses[0]}")
for address in "${addresses[@]:1}"; do arguments+=(--next "$address"); done
"$tapir" restore -q "${arguments[@]}" -C back tree/q-large >/dev/null 2>&1 || true
cmp tree/q-large back/tree/q-large || fail "the volumes named are not enough"

# Equal contents, and how many volumes have them.
mkdir s
cp tree/part2 s/twin
cp tree/part2 s/triplet
echo small | tee s/small >s/tiny
expect 0 "$tapir" archive -q single --label single -C s .
expect 0 "$tapir" catalog add -q single
expect 0 "$tapir" catalog duplicates --json --min-size 1M
same "$(json "$out" 'o[0]["size"], o[0]["count"], sorted({v["path"] for v in o[0]["versions"]})')" \
  "(1500000, 3, ['tree/part2', 'triplet', 'twin'])" "duplicates"
expect 0 "$tapir" catalog duplicates
out_has "3 paths with the same 1.4 MiB"
out_has "2 paths with the same 6 bytes"
same "$(grep -n 'same' "$out" | head -n 1 | grep -c '1.4 MiB')" 1 "most first"
expect 0 "$tapir" catalog duplicates --limit 1 -0
same "$(tr -cd '\0' <"$out" | wc -c)" 3 "one group"
expect 0 "$tapir" catalog duplicates --of demo --json
same "$(json "$out" '[x for x in o if x["size"] == 1500000 and any(v["path"] == "tree/part2" for v in x["versions"])]')" "[]" "of one set"
expect 0 "$tapir" catalog copies --fewer-than 2 --min-size 1M --json
same "$(json "$out" 'sorted({(x["path"], x["copies"]) for x in o if x["path"] in ("tree/part2", "tree/part3", "twin")})')" \
  "[('tree/part3', 1)]" "copies"
expect 0 "$tapir" catalog copies --fewer-than 3 --of single
same "$(sort "$out" | tr -s ' ' | tr '\n' ';')" "1 single:1 small;1 single:1 tiny;2 single:1 triplet;2 single:1 twin;" "copies of a set"
expect 4 "$tapir" catalog copies --fewer-than 2 --of nobody

# Sessions compared.
cp -a s s2
rm s2/tiny
echo other >s2/small
mkdir s2/new
touch -d 2001-01-01 s2/twin
expect 0 "$tapir" archive -q changed --label changed -C s2 .
expect 0 "$tapir" catalog add -q changed
expect 1 "$tapir" catalog diff single:1 changed:1
grep -qxF 'added    new' "$out" || fail "added"
grep -qxF 'removed  tiny' "$out" || fail "removed"
grep -qE '^changed  small  contents, time$' "$out" || fail "changed contents"
grep -qE '^changed  twin  time$' "$out" || fail "changed time"
expect 1 "$tapir" catalog diff -q single:1 changed:1 --json
same "$(json "$out" 'sorted((x["kind"], x["path"], "before" in x, "after" in x) for x in o if x["path"] not in (".", "triplet"))')" \
  "[('added', 'new', False, True), ('changed', 'small', True, True), ('changed', 'twin', True, True), ('removed', 'tiny', True, False)]" "differences"
expect 0 "$tapir" catalog diff single:1 single:1
same "$(cat "$out")" "0 added, 0 removed, 0 changed" "equal"
expect 0 "$tapir" catalog diff -q single:1 single:1
out_is_empty
expect 4 "$tapir" catalog diff single:1 single:2
expect 2 "$tapir" catalog diff single changed:1
expect 1 "$tapir" catalog diff demo:1 single:1
expect 1 "$tapir" catalog diff 'demo#1:1' demo:1 --json
same "$(json "$out" '[x["path"] for x in o if x["kind"] != "added" and x["path"] not in ("tree", "tree/q-large")]')" "[]" "a part and all"
expect 1 "$tapir" catalog diff demo:1 'demo#1:1' --json
same "$(json "$out" '[x["path"] for x in o if x["kind"] != "removed" and x["path"] not in ("tree", "tree/q-large")]')" "[]" "all and a part"

# One session alone is forgotten, and comes back.
expect 0 "$tapir" catalog note single 'kept'
expect 2 "$tapir" catalog forget demo:1
err_has "is on several volumes"
expect 4 "$tapir" catalog forget single:2
expect 0 "$tapir" catalog forget single:1
out_has "forgotten: 'single:1', 1 session"
expect 1 "$tapir" catalog find --volume single triplet
expect 0 "$tapir" catalog volumes single --json
same "$(json "$out" '[(len(x["sessions"]), x["notes"][0]["text"]) for x in o]')" "[(0, 'kept')]" "the volume stays"
expect 0 "$tapir" catalog add single
out_has "1 session added"

# What is begun on a volume that nobody knows is no copy, and what is not known is told.
first=$("$tapir" catalog needs tree/q-large --json | json /dev/stdin 'o[0]["volume"]')
expect 0 "$tapir" catalog forget "$first"
expect 0 "$tapir" catalog copies --of demo --fewer-than 1 --json
same "$(json "$out" '[(x["path"], x["copies"]) for x in o]')" "[('tree/q-large', 0)]" "no beginning, no copy"
expect 1 "$tapir" catalog needs --of demo tree/part6
err_has "volume ${first#demo#} of the set is not in the catalogue"
expect 1 "$tapir" catalog needs --of demo tree/q-large
err_has "the beginning of tree/q-large"
expect 0 "$tapir" catalog add --catalog last.db vtape:d
err_has "volumes 1, 2, 3 of the set are not in the catalogue"
