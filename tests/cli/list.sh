#!/usr/bin/env bash
# list: forms of output, patterns, sessions, times.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"

mkdir -p t/d
echo 1 >t/d/a.txt
echo 22 >t/d/b.raw
ln -s a.txt t/d/link
ln t/d/a.txt t/d/other
chmod 4755 t/d/b.raw
touch -d '2001-02-03 04:05:06.5Z' t/d/b.raw
expect 0 "$tapir" archive -q v -C t d
sleep 1.1
between=$(date -u +%Y-%m-%dT%H:%M:%SZ)
sleep 1.1
echo 333 >t/d/a2.txt
rm t/d/b.raw
expect 0 "$tapir" archive -q v -C t d

expect 0 "$tapir" list v --session 1
same "$(cat "$out")" $'d\nd/a.txt\nd/b.raw\nd/link\nd/other'
expect 0 "$tapir" list v --at "$between"
same "$(cat "$out")" $'d\nd/a.txt\nd/b.raw\nd/link\nd/other' "as of then"
expect 0 "$tapir" list v --session last
same "$(cat "$out")" $'d\nd/a.txt\nd/a2.txt\nd/link\nd/other'
expect 0 "$tapir" list v --session all
same "$(wc -l <"$out")" 10
expect 0 "$tapir" list v --at 2000-01-01
out_is_empty

# Patterns; one that selects nothing is named.
expect 0 "$tapir" list v --session 1 '*.raw' d/link
same "$(cat "$out")" $'d/b.raw\nd/link'
expect 1 "$tapir" list v nothing '*.txt'
same "$(cat "$out")" $'d/a.txt\nd/a2.txt'
err_has "'nothing': selects nothing"

# Long lines.
expect 0 "$tapir" list v --session 1 -l
grep -aqE "^-rwsr-xr-x $(id -u)/$(id -g) +3 2001-02-03 04:05:06 d/b.raw$" "$out" || fail "long line"
grep -aqE "^lrwxrwxrwx .* d/link -> a.txt$" "$out" || fail "long line of a link"
grep -aqE "^h.* d/other( link to d/a.txt)?$" "$out" || fail "long line of a hard link"

# JSON
expect 0 "$tapir" list v --session 1 --json
same "$(json "$out" '[(e["path"], e["type"]) for e in o]')" \
  "[('d', 'directory'), ('d/a.txt', 'file'), ('d/b.raw', 'file'), ('d/link', 'symlink'), ('d/other', 'hard_link')]"
same "$(json "$out" 'o[2]["size"], o[2]["mtime_ns"], oct(o[2]["mode"]), o[2]["session"]')" \
  "(3, 981173106500000000, '0o4755', 1)"
same "$(json "$out" 'o[3]["target"]')" "a.txt"
same "$(json "$out" 'o[1]["xxh128"]')" "$(xxhsum -q -H2 t/d/a.txt | cut -d' ' -f1)"

# A session that is not there.
expect 4 "$tapir" list v --session 9
err_has 9
