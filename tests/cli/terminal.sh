#!/usr/bin/env bash
# Progress and colours: on terminals only, and as NO_COLOR and TERM say.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
command -v script >/dev/null || skip "no script command"

# Slow enough for progress to be drawn: the paths come late.
mkdir t
head -c 1000000 /dev/urandom >t/a
mkfifo volume.pipe
# on_terminal COMMAND...: what a terminal sees of a command, in screen.
on_terminal() {
  script -qec "$(printf '%q ' "$@")" /dev/null </dev/null >screen
}
# A pipe that gives its end after a second keeps verify at work.
expect 0 "$tapir" archive -q v t
slow_verify() {
  (head -c 8192 v; sleep 1; tail -c +8193 v) >volume.pipe &
  on_terminal "$@" verify volume.pipe
  wait
}

TERM=xterm slow_verify "$tapir"
grep -aq $'\r\x1b\\[K' screen || fail "no progress on a terminal"
grep -aqF '/s, ' screen || fail "no rate on a terminal"
tr '\r' '\n' <screen | grep -aq 'This volume is intact' || fail "no verdict"

TERM=dumb slow_verify "$tapir"
! grep -aq $'\x1b' screen || fail "escape sequences on a dumb terminal"
TERM=xterm NO_COLOR=1 slow_verify "$tapir"
! grep -aqE $'\x1b\\[[0-9;]*m' screen || fail "colours in spite of NO_COLOR"
(head -c 8192 v; sleep 1; tail -c +8193 v) >volume.pipe &
TERM=xterm on_terminal "$tapir" verify -q volume.pipe
wait
[[ ! -s screen ]] || fail "-q is not quiet on a terminal"

# Nothing of this in pipes.
(head -c 8192 v; sleep 1; tail -c +8193 v) >volume.pipe &
expect 0 "$tapir" verify volume.pipe
wait
! grep -aq $'\x1b' "$out" "$err" || fail "escape sequences in a pipe"
err_is_empty
