# What the scripts of this folder share. Sourced; makes a scratch folder, goes
# there, and removes it at the end.
#
# TAPIR names the command, TAPIR_SOURCE_DIR the source tree.

: "${TAPIR:?names the tapir command}"
tapir=$(realpath -- "$TAPIR")
source_dir=$(realpath -- "${TAPIR_SOURCE_DIR:-$(dirname -- "${BASH_SOURCE[0]}")/../../..}")
export LC_ALL=C.UTF-8 TZ=UTC
unset NO_COLOR

scratch=$(mktemp -d "${TMPDIR:-/tmp}/tapir-cli.XXXXXX")
at_exit=()
leave() {
  local status=$? i
  for ((i = ${#at_exit[@]} - 1; i >= 0; --i)); do eval "${at_exit[i]}" || true; done
  chmod -R u+rwX "$scratch" 2>/dev/null || true
  rm -rf -- "$scratch"
  exit "$status"
}
trap leave EXIT
cd "$scratch"
# Nobody's catalogue is touched.
export XDG_DATA_HOME=$scratch/.data
out=$scratch/.out
err=$scratch/.err

fail() {
  echo "FAILED at line ${BASH_LINENO[${#BASH_LINENO[@]} - 2]}: $*" >&2
  if [[ -e $out ]]; then
    echo "-- standard output:" >&2
    head -c 1500 "$out" | cat -v >&2
    echo "-- standard error:" >&2
    head -c 1500 "$err" | cat -v >&2
  fi
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

# expect STATUS COMMAND...: runs it with its output in $out and $err.
expect() {
  local wanted=$1 status=0
  shift
  "$@" >"$out" 2>"$err" || status=$?
  ((status == wanted)) || fail "exit status $status instead of $wanted: $*"
}

# out_has TEXT, err_has TEXT: as it stands there.
out_has() { grep -aqF -- "$1" "$out" || fail "standard output lacks: $1"; }
err_has() { grep -aqF -- "$1" "$err" || fail "standard error lacks: $1"; }
out_lacks() { ! grep -aqF -- "$1" "$out" || fail "standard output has: $1"; }
err_lacks() { ! grep -aqF -- "$1" "$err" || fail "standard error has: $1"; }
out_is_empty() { [[ ! -s $out ]] || fail "standard output is not empty"; }
err_is_empty() { [[ ! -s $err ]] || fail "standard error is not empty"; }

same() { [[ $1 == "$2" ]] || fail "${3-values}: '$1' instead of '$2'"; }

# json FILE EXPRESSION: evaluates Python over the list `o` of objects in FILE.
json() {
  python3 -c '
import json, sys
o = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
print(eval(sys.argv[2]))' "$1" "$2"
}

# patch FILE OFFSET HEX: overwrites bytes.
patch() {
  python3 -c '
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    f.write(bytes.fromhex(sys.argv[3]))' "$@"
}

size_of() { stat -c %s -- "$1"; }

# make_tree DIR: a few of each thing.
make_tree() {
  . "$source_dir/tools/lib/sample_tree.sh"
  make_sample_tree "$1"
}

# equal_trees A B
equal_trees() {
  . "$source_dir/tools/lib/compare.sh"
  same_by_diff "$1" "$2" || fail "$1 and $2 differ"
  if command -v rsync >/dev/null; then
    same_by_rsync "$1" "$2" || fail "$1 and $2 differ by rsync"
  fi
}

wait_until() {
  local tries
  for ((tries = 0; tries < 600; ++tries)); do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  fail "did not come true: $*"
}
