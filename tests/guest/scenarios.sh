# What is tried on /dev/nst0 in the guest. Sourced by its first process.
# shellcheck shell=sh

# scenario NAME, then checks, then verdict.
scenario() {
  name=$1
  why=
}
verdict() {
  if [ -z "$why" ]; then echo "PASS $name"; else echo "FAIL $name: $why"; fi
}

# expect STATUS COMMAND...: runs it with its output in /tmp/out.
expect() {
  wanted=$1
  shift
  got=0
  timeout 60 "$@" >/tmp/out 2>&1 || got=$?
  if [ "$got" -ne "$wanted" ]; then
    why="${why:-exit status $got instead of $wanted: $*}"
    echo "-- $name: $*"
    head -c 1500 /tmp/out
  fi
}
out_has() {
  grep -qF -- "$1" /tmp/out && return
  why="${why:-the output lacks \"$1\"}"
  echo "-- $name: lacks \"$1\""
  head -c 1500 /tmp/out
}
at_block() {
  expect 0 tapir tape position "$volume"
  out_has "block $1"
}

make_tree() {
  mkdir -p "$1/folder"
  echo "a line" >"$1/folder/text"
  head -c 3000000 /dev/urandom >"$1/random"
  : >"$1/empty"
  ln -s text "$1/folder/link"
}

# main_run WAY: everything a user does, by the volume's name.
main_run() {
  scenario "main run by $1"
  expect 0 tapir tape status "$volume"
  out_has "$1"
  expect 0 tapir init "$volume" --label guest --overwrite-existing "${2:-}"
  expect 0 tapir archive -q "$volume" first
  expect 0 tapir archive -q --compress none "$volume" second
  expect 0 tapir list "$volume"
  out_has "first/random"
  out_has "second/folder/link"
  expect 0 tapir verify "$volume"
  out_has "in 2 sessions can be restored"
  rm -rf restored
  expect 0 tapir restore -q "$volume" -C restored
  expect 0 diff -r first restored/first
  expect 0 diff -r second restored/second
  expect 0 tapir verify -q "$volume" --against restored
  verdict
}

spacing() {
  scenario "spacing and seeking by $1"
  expect 0 tapir tape seek --end "$volume"
  end=$(sed -n 's/.*block //p' /tmp/out)
  expect 0 tapir tape mark "$volume" --count 2
  at_block $((end + 2))
  expect 0 tapir tape space "$volume" -2
  out_has "block $end"
  expect 4 tapir tape space "$volume" 3
  out_has "no data detected"
  expect 0 tapir tape seek "$volume" "$end"
  expect 4 tapir tape space "$volume" 2 --unit blocks
  out_has "filemark detected"
  at_block $((end + 1))
  expect 4 tapir tape seek "$volume" 99999
  out_has "no data detected"
  at_block $((end + 2))
  expect 0 tapir tape rewind "$volume"
  expect 4 tapir tape space "$volume" -1 --unit blocks
  out_has "beginning of media"
  at_block 0
  expect 0 tapir verify -q "$volume"
  verdict
}

cd /tmp || exit 1
make_tree first
make_tree second
volume=/dev/nst0
main_run "st driver"
spacing "st driver"
