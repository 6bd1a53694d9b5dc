#!/usr/bin/env bash
# list --digests is what xxhsum -c and sha256sum -c take.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
command -v xxhsum >/dev/null || skip "no xxhsum"

make_tree t
printf x >t/'back\slash'
printf y >t/$'carriage\rreturn'
printf z >t/' lead and *star'
truncate -s 3G t/holes
expect 0 "$tapir" archive -q v --fixity sha256 -C t .
expect 0 "$tapir" restore -q v -C r

expect 0 "$tapir" list v --digests sha256
err_has "without a digest of this kind left out"
cp "$out" sums
(cd r && sha256sum --strict --quiet -c ../sums) || fail "sha256sum -c"
files=$(find t -type f -printf x | wc -c)
# One hard link and the file of holes have none.
same "$(wc -l <sums)" $((files - 2)) "lines of sha256"
(cd r && grep -av '^\\' ../sums | cut -c67- | tr '\n' '\0' | xargs -0 sha256sum --) >again
cmp <(grep -av '^\\' sums) again

expect 0 "$tapir" list v --digests xxh128
err_has "line break"
# Versions of xxhsum before 0.8.2 pass over escaped lines.
grep -av '^\\' "$out" >sums
(cd r && xxhsum --strict --quiet -c ../sums) || fail "xxhsum -c"
same "$(wc -l <sums)" $((files - 3)) "lines of xxh128"

# A changed file is found.
printf X >r/documents/note.txt
! (cd r && xxhsum --quiet -c ../sums >/dev/null 2>&1) || fail "a change was not seen"

# A session without SHA-256 says so.
expect 0 "$tapir" archive -q w -C t documents
expect 0 "$tapir" list w --digests sha256
out_is_empty
err_has "left out"
