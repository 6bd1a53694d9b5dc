#!/usr/bin/env bash
# archive: paths, lists of paths, what is left out, several sessions.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

mkdir -p tree/sub tree/cache
echo one >tree/one
echo two >tree/sub/two.o
echo data >tree/cache/data
printf 'Signature: 8a477f597d28d172789f06886806bc55\n' >tree/cache/CACHEDIR.TAG

# The first session labels the volume, the second one is added.
expect 0 "$tapir" archive v -C tree one --label first
out_has "session 1: 1 object"
expect 0 "$tapir" archive v -C tree sub
out_has "session 2: 2 objects"
expect 0 "$tapir" list v
same "$(cat "$out")" $'one\nsub\nsub/two.o' "newest state"
expect 0 "$tapir" archive v -C tree one --label second
err_has "--label is not used"

# -q, --json
expect 0 "$tapir" archive -q v -C tree one
out_is_empty
err_is_empty
expect 0 "$tapir" archive --json w -C tree one
same "$(json "$out" 'o[-1]["objects"], o[-1]["labelled"], o[-1]["session"]["number"]')" "(1, True, 1)"
err_is_empty

# Lists of paths, by line and by NUL, from a file and from standard input.
printf 'one\nsub/two.o\n' >names
expect 0 "$tapir" archive a -C tree --files-from names
expect 0 "$tapir" list a
same "$(cat "$out")" $'one\nsub/two.o' "from lines"
(cd tree && printf 'new\nline' >$'new\nline')
printf 'new\nline\0' | expect 0 "$tapir" archive b -C tree -0 --files-from -
expect 0 "$tapir" list -0 b
same "$(tr '\0' '|' <"$out")" $'new\nline|' "from NULs"
rm tree/$'new\nline'
expect 4 "$tapir" archive c -C tree --files-from nowhere
err_has "nowhere"
[[ ! -e c ]] || fail "a volume was made for nothing"

# What is left out on request is counted and no warning.
expect 0 "$tapir" archive d -C tree . --exclude '*.o' --exclude-caches
out_has "left out as asked"
expect 0 "$tapir" list d
out_has cache/CACHEDIR.TAG
out_lacks two.o
out_lacks cache/data
expect 0 "$tapir" archive e -C tree . --no-recursion
expect 0 "$tapir" list e
same "$(cat "$out")" "." "no recursion"

# Names that look like lists or options to the parser of options.
touch 'tree/[a]' 'tree/{}' 'tree/-x' 'tree/a,b'
expect 0 "$tapir" archive f -C tree --exclude '[o]ne' -- '[a]' '{}' -x a,b one
expect 0 "$tapir" list f
same "$(cat "$out")" $'-x\n[a]\na,b\n{}' "names taken as they are"
expect 0 "$tapir" list f '\[a]'
same "$(cat "$out")" '[a]'
expect 0 "$tapir" list f '[a],b'
same "$(cat "$out")" 'a,b'

# Compression and digests.
head -c 300000 /dev/zero >tree/zeros
expect 0 "$tapir" archive g --compress none -C tree zeros
expect 0 "$tapir" archive h --compress zstd:19 --fixity sha256 --dedup none -j1 --buffer 64M \
  --atime --one-file-system -C tree zeros --block-size 64K --full-blocks
(($(size_of g) > 300000)) || fail "not stored"
(($(size_of h) % 65536 == 0)) || fail "blocks are not full"
expect 0 "$tapir" list h --json
same "$(json "$out" 'o[0]["sha256"]')" "$(sha256sum tree/zeros | cut -d' ' -f1)" sha256

# The volume itself is left out.
cp g tree/self
expect 0 "$tapir" archive tree/self -C tree .
err_has "'self'"
expect 0 "$tapir" list tree/self --session last
out_lacks self

# What cannot be found is named; the session is whole.
expect 1 "$tapir" archive i -C tree one missing
err_has "'missing'"
expect 0 "$tapir" verify i
expect 0 "$tapir" list i
same "$(cat "$out")" "one"

# Read back.
expect 0 "$tapir" archive j --verify -C tree .
out_has "Session 1 is intact"
expect 0 "$tapir" archive j --verify --json -C tree .
same "$(json "$out" 'o[-1]["verdict"], o[-1]["session"]')" "('intact', 2)"
