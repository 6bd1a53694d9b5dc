#!/usr/bin/env bash
# The commands of the README, one after another: every block marked sh behind "## Use" that calls
# tapir, in a folder where /srv of the text is a folder of this test.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
command -v xxhsum >/dev/null || skip "no xxhsum"

mkdir bin
ln -s "$tapir" bin/tapir
export PATH=$scratch/bin:$PATH
python3 - "$source_dir/README.md" >commands <<'PY'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
text = text[text.index("## Use"):text.index("## Build and install by hand")]
for block in re.findall(r"```sh\n(.*?)```", text, re.S):
    for line in block.splitlines():
        line = re.sub(r"\s+#.*", "", line)
        if line.strip():
            print(line)
PY
(($(wc -l <commands) > 10)) || fail "too few commands in the README"
sed -i "s|/srv|$scratch/srv|g; s|/tmp/|$scratch/tmp/|g" commands
mkdir -p tmp
# A line that must end otherwise than with 0 says so: "; echo $?" prints its status.
while IFS= read -r line; do
  echo "$ $line"
  bash -c "set -o pipefail; $line" || fail "README: $line"
done <commands
