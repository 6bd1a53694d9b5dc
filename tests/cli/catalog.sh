#!/usr/bin/env bash
# A catalogue from the first volume to the last: taken in, kept, noted, forgotten, checked.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

mkdir -p t/docs t/empty
echo alpha >t/docs/a.txt
echo beta >t/docs/b.txt
echo beta >t/docs/twin.txt
ln -s a.txt t/docs/link
expect 0 "$tapir" archive -q photos.tapir --label photos t
echo "alpha, longer" >t/docs/a.txt
echo gamma >t/docs/c.txt
expect 0 "$tapir" archive -q photos.tapir --fixity sha256 t
expect 0 "$tapir" archive -q other.tapir --label other t/docs/b.txt

# Without a catalogue nothing is found, and none is made by looking.
for arguments in "find x" "ls photos" volumes "note photos x" "forget photos" "needs x" duplicates \
  "copies --fewer-than 2" "diff photos:1 photos:2" "export csv" "check photos.tapir" \
  "volumes --location photos here"; do
  # shellcheck disable=SC2086
  expect 4 "$tapir" catalog $arguments
  out_is_empty
  err_has "no catalogue yet; 'tapir catalog add VOLUME' makes one"
done
[[ ! -e $XDG_DATA_HOME ]] || fail "looking made a catalogue"
expect 4 "$tapir" catalog volumes --catalog nowhere/c.db
[[ ! -e nowhere ]] || fail "looking made a folder"

# Wrong usage.
for arguments in "" frobnicate add rebuild "find --size x" "find --size 4K..1K" "find --size .." \
  "find --type q" "find --type ," "find --digest xyz" "find --newer soon" "find --owner nobody-here" \
  "find --session 0" "find --limit 0" "find --regex --exact x" "find -l --json" "find -0 -l" \
  "find a b" ls note "note v" forget copies "copies --fewer-than 0" "diff a" "diff a:1 b:2 c:3" \
  export "export xml" "export csv --json" check "volumes --location v" "needs --session x" \
  "find --certificate 0"; do
  # shellcheck disable=SC2086
  expect 2 "$tapir" catalog $arguments
  out_is_empty
  err_has "tapir catalog"
done
expect 2 "$tapir" catalog frobnicate
err_has "tapir catalog: 'frobnicate' is not one of its commands"
err_has "Try 'tapir catalog --help'."
expect 2 "$tapir" catalog --bogus
err_has "tapir catalog: '--bogus' is not one of its options"
expect 2 "$tapir" catalogue volumes
err_has "tapir: 'catalogue' is not one of its commands"
# The word behind is a command of its own.
expect 2 "$tapir" catalogue list
err_has "tapir: 'catalogue' is not one of its commands"
err_has "Try 'tapir --help'."
expect 2 "$tapir" catalog find --bogus
err_has "tapir catalog find: "
err_has "--bogus"
err_has "Try 'tapir catalog find --help'."
for number in 0 -1 x 1.5; do
  for arguments in "find --limit" "find --session" "ls photos --session"; do
    # shellcheck disable=SC2086
    expect 2 "$tapir" catalog ${arguments}=$number
    err_has "--${arguments##*--}: '$number' is no number from 1"
  done
  expect 2 "$tapir" verify photos.tapir --session=$number
  err_has "--session: '$number' is no number from 1"
done
[[ ! -e $XDG_DATA_HOME ]] || fail "wrong usage made a catalogue"
for action in add rebuild find ls volumes note forget needs duplicates copies diff export check; do
  expect 0 "$tapir" catalog --help
  out_has "  $action "
  expect 0 "$tapir" catalog "$action" --help
  out_has "Examples:"
done

# Taken in: once, and again only what is new.
expect 0 "$tapir" catalog add photos.tapir
out_has "photos.tapir: 2 sessions added, "
[[ -f $XDG_DATA_HOME/tapir/catalog.db ]] || fail "not where it belongs"
expect 0 "$tapir" catalog add -q photos.tapir
out_is_empty
err_is_empty
expect 0 "$tapir" catalog add --json photos.tapir other.tapir
same "$(json "$out" '[(x["label"], x["added"], x["known"]) for x in o]')" \
  "[('photos', [], [1, 2]), ('other', [1], [])]" "added"
expect 4 "$tapir" catalog add missing.tapir photos.tapir
err_has "missing.tapir"
out_has "photos.tapir: nothing new, 2 sessions known"
echo "no volume" >text
expect 5 "$tapir" catalog add text

# Where it is: a file by name, XDG_DATA_HOME if it is absolute, else the home directory.
expect 0 "$tapir" catalog add -q --catalog new/folder/c.db other.tapir
expect 0 "$tapir" catalog volumes --catalog new/folder/c.db --json
same "$(json "$out" '[x["label"] for x in o]')" "['other']" "named"
expect 0 env XDG_DATA_HOME=relative HOME="$scratch/home" "$tapir" catalog add -q other.tapir
[[ -f home/.local/share/tapir/catalog.db && ! -e relative ]] || fail "not in the home directory"
expect 2 env -u HOME -u XDG_DATA_HOME "$tapir" catalog volumes
err_has "--catalog names one"
expect 5 "$tapir" catalog volumes --catalog text
expect 5 "$tapir" catalog add --catalog text photos.tapir
same "$(cat text)" "no volume" "a file that is no catalogue"

# The volumes, what is said of them, and their health.
expect 0 "$tapir" catalog volumes --json
same "$(json "$out" '[(x["volume"], len(x["sessions"]), x["health"], x["last_verified"], x["location"]) for x in o]')" \
  "[('other', 1, 'unverified', None, ''), ('photos', 2, 'unverified', None, '')]" "volumes"
same "$(json "$out" 'o[1]["used_bytes"]')" "$(size_of photos.tapir)" "used"
expect 0 "$tapir" catalog volumes --location photos 'attic'
expect 0 "$tapir" catalog volumes photos --location 'cellar, shelf [3]'
expect 2 "$tapir" catalog volumes photos other --location 'cellar'
expect 2 "$tapir" catalog volumes photos --location other 'cellar'
expect 0 "$tapir" catalog note photos '{}'
expect 0 "$tapir" catalog note photos.tapir 'the case is cracked'
expect 0 "$tapir" verify photos.tapir --catalog
err_is_empty
expect 0 "$tapir" verify -q photos.tapir --session 2 --level blocks --catalog
expect 0 "$tapir" catalog volumes
out_has "cellar, shelf [3]"
out_has "intact"
out_has "unverified"
expect 0 "$tapir" catalog volumes -l photos
out_has "kept      cellar, shelf [3]"
out_has ": the case is cracked"
out_has ": {}"
out_has "intact (volume, content), 0 damages"
out_has "intact (session 2, blocks), 0 damages"
out_lacks other
expect 0 "$tapir" catalog volumes --json photos
same "$(json "$out" 'o[0]["health"], [(v["level"], v["coverage"], v["verdict"]) for v in o[0]["verifications"]], [n["text"] for n in o[0]["notes"]]')" \
  "('intact', [('content', 'volume', 'intact'), ('blocks', 'session 2', 'intact')], ['{}', 'the case is cracked'])" "said"
uuid=$(json "$out" 'o[0]["uuid"]')
expect 0 "$tapir" catalog volumes --json "${uuid:0:8}"
same "$(json "$out" '[x["label"] for x in o]')" "['photos']" "by its UUID"
expect 4 "$tapir" catalog volumes nobody
expect 4 "$tapir" catalog note nobody x
expect 0 "$tapir" catalog volumes --location photos 'Köln, Größe 日'
expect 0 "$tapir" catalog volumes
same "$(python3 -c '
import sys
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
column = lines[0].index("health")
print(" ".join(line[column:] for line in lines))' "$out")" "health unverified intact" "columns"
expect 0 "$tapir" catalog volumes --location photos ''
expect 0 "$tapir" catalog volumes -l photos
out_has "kept      not told"

# A later session is not proven by an earlier verification; archive --catalog takes it in.
expect 0 "$tapir" archive photos.tapir --verify --catalog -- t/empty
out_has "photos.tapir: 1 session added"
expect 0 "$tapir" catalog volumes --json photos
same "$(json "$out" 'len(o[0]["sessions"]), o[0]["health"], o[0]["sessions_since"], o[0]["verifications"][-1]["coverage"]')" \
  "(3, 'intact', 1, 'session 3')" "since"
expect 0 "$tapir" catalog volumes
out_has "intact, 1 more since"
expect 2 "$tapir" archive - t --catalog
expect 2 "$tapir" archive never.tapir t --catalog=text
# The word behind a bare --catalog is not taken for a catalogue.
expect 2 "$tapir" archive --catalog never.tapir t
[[ ! -e never.tapir ]] || fail "written without the catalogue that was asked for"
expect 2 "$tapir" verify photos.tapir --against . --catalog

# The catalogue against the volume, and against itself.
expect 0 "$tapir" catalog check photos.tapir
out_has "photos.tapir: 3 sessions as in the catalogue"
expect 0 "$tapir" catalog check photos.tapir --json
same "$(json "$out" 'o[0]["sessions"], o[0]["mismatches"]')" "(3, [])" "check"
cp photos.tapir longer.tapir
expect 0 "$tapir" archive -q longer.tapir t/docs/c.txt
expect 3 "$tapir" catalog check longer.tapir
err_has "session 4"

# A verification alone takes no session in.
expect 0 "$tapir" verify --catalog verified.db other.tapir
err_has "note: 'other.tapir': its sessions are not in the catalogue; 'tapir catalog add' takes them in"
expect 0 "$tapir" verify -q --catalog verified.db other.tapir
err_is_empty
expect 0 "$tapir" verify --json --catalog verified.db other.tapir
same "$(json "$out" 'o[-1]["verdict"]')" intact "the verdict comes last"
expect 0 "$tapir" catalog add -q --catalog verified.db other.tapir
expect 0 "$tapir" verify --catalog verified.db other.tapir
err_is_empty

# A verification that finds damage, also of a volume that was not known.
cp other.tapir damaged.tapir
patch damaged.tapir 9000 00ff00ff00ff
expect 3 "$tapir" verify -q --catalog damaged.db damaged.tapir
expect 0 "$tapir" catalog volumes --catalog damaged.db --json
same "$(json "$out" 'o[0]["label"], o[0]["health"], o[0]["sessions"], o[0]["verifications"][0]["damages"] > 0, len(o[0]["verifications"][0]["faults"]) > 0')" \
  "('other', 'damaged', [], True, True)" "damage"

# Forgotten, and taken in again.
expect 0 "$tapir" catalog forget other
out_has "forgotten: 'other', 1 session"
expect 4 "$tapir" catalog forget other
expect 0 "$tapir" catalog volumes --json
same "$(json "$out" '[x["label"] for x in o]')" "['photos']" "forgotten"
expect 0 "$tapir" catalog add -q other.tapir --location 'shelf 9'
expect 0 "$tapir" catalog volumes other --json
same "$(json "$out" 'o[0]["location"]')" "shelf 9" "said while it was added"
expect 0 "$tapir" catalog forget -q other
out_is_empty
expect 0 "$tapir" catalog forget photos --json
same "$(json "$out" 'o[0]["volume"], o[0]["sessions"]')" "('photos', 3)" "forgotten"
expect 0 "$tapir" catalog volumes
out_has "no volume yet"
