#!/usr/bin/env bash
# Names of any bytes: raw in pipes, escaped on terminals and in messages.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
command -v script >/dev/null || skip "no script command"

names=($'new\nline' $'bad-\xff\xfe' $'esc-\x1b[31mred' 'back\slash' ' lead' 'Größe')
mkdir t
for name in "${names[@]}"; do printf '%s' "$name" >"t/$name"; done
expect 0 "$tapir" archive -q v -C t .

# Raw where no terminal is.
expect 0 "$tapir" list -0 v
(cd t && find . -type f -printf '%P\0' | sort -z) >wanted
cmp <(tr '\0' '\n' <wanted | sort) <(tr '\0' '\n' <"$out" | grep -avx . | sort)
expect 0 "$tapir" list v
same "$(grep -acF $'esc-\x1b[31mred' "$out")" 1 "raw in a pipe"

# On a terminal nothing can act on it.
TERM=xterm script -qec "$(printf '%q ' "$tapir" list v)" /dev/null >screen </dev/null
tr -d '\r' <screen >lines
! grep -aq $'\x1b' lines || fail "a control character reached the terminal"
for shown in 'new\nline' 'bad-\xFF\xFE' 'esc-\x1B[31mred' 'back\\slash' ' lead' 'Größe'; do
  grep -aqxF -- "$shown" lines || fail "not shown as $shown: $(cat -v lines)"
done

# Bytes in JSON.
expect 0 "$tapir" list --json v
python3 - "$out" <<'PY'
import base64, json, sys
seen = set()
for line in open(sys.argv[1], encoding="utf-8"):
    o = json.loads(line)
    if "path_base64" in o:
        assert "\ufffd" in o["path"], o
        seen.add(base64.b64decode(o["path_base64"]))
    else:
        seen.add(o["path"].encode())
assert b"bad-\xff\xfe" in seen and b"new\nline" in seen, seen
PY

# Messages are always escaped.
expect 0 "$tapir" restore -q v -C r
expect 1 "$tapir" restore v -C r
err_has "'new\\nline'"
err_has "'bad-\\xFF\\xFE'"
! grep -aq $'\x1b' "$err" || fail "a control character in a message"
equal_trees t r

# A volume may have such a name itself.
expect 0 "$tapir" archive -q $'vol\x1b[31m\n' -C t .
expect 0 "$tapir" info $'vol\x1b[31m\n'
out_has 'vol\x1B[31m\n'
expect 4 "$tapir" list $'gone\x1b[31m'
! grep -aq $'\x1b' "$err" || fail "a control character in a message"
