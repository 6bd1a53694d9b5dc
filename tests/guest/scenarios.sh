# What is tried on the drive in the guest, by the st driver, by sg and by iSCSI. Sourced by its first
# process.
# shellcheck shell=sh

# scenario NAME, then checks, then verdict.
scenario() {
  name=$1
  why=
}
verdict() {
  took="$name, at $(cut -d' ' -f1 /proc/uptime) s"
  if [ -z "$why" ]; then echo "PASS $took"; else echo "FAIL $name: $why"; fi
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
end_of_data() {
  expect 0 tapir tape seek --end "$volume"
  end=$(sed -n 's/.*block //p' /tmp/out)
}
# What the model does to a command, as tapir_guest_tape has it.
order() { echo "$*" >/tmp/run/faults; }
at_block() {
  expect 0 tapir tape position "$volume"
  out_has "block $1"
}

make_tree() {
  mkdir -p "$1/folder"
  echo "a line" >"$1/folder/text"
  head -c 2200000 /dev/urandom >"$1/random"
  : >"$1/empty"
  ln -s text "$1/folder/link"
}

# main_run LABEL-BEFORE [BLOCK-SIZE]: everything a user does, by the volume's name.
main_run() {
  scenario "main run by $way"
  expect 0 tapir tape status "$volume"
  out_has "$way"
  expect 0 tapir init "$volume" --label guest --overwrite-existing "$1" --block-size "${2:-1M}"
  expect 0 tapir archive -q "$volume" first
  expect 0 tapir archive -q --compress none "$volume" second
  expect 0 tapir list "$volume"
  out_has "first/random"
  out_has "second/folder/link"
  rm -rf restored
  expect 0 tapir restore -q "$volume" -C restored
  expect 0 diff -r first restored/first
  expect 0 diff -r second restored/second
  expect 0 tapir verify "$volume" --against restored
  out_has "All 12 objects equal"
  verdict
}

spacing() {
  scenario "spacing and seeking by $way"
  end_of_data
  expect 0 tapir tape mark "$volume" --count 2
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
  verdict
}

loading() {
  scenario "loading by $way"
  expect 0 tapir tape lock "$volume"
  expect 4 tapir tape unload "$volume"
  out_has "unable to unload media"
  expect 0 tapir tape unlock "$volume"
  expect 0 tapir tape unload "$volume"
  expect 4 tapir list "$volume"
  out_has "no media in drive"
  expect 0 tapir tape load "$volume"
  expect 0 tapir tape status "$volume"
  verdict
}

becoming_ready() {
  scenario "a cartridge that has to be loaded by $way"
  order unthread 2
  expect 0 tapir list "$volume"
  out_has "waiting for the medium, 0 % done"
  out_has "first/random"
  verdict
}

protection() {
  scenario "write protection by $way"
  order protect 1
  expect 0 tapir tape unload "$volume"
  expect 0 tapir tape load "$volume"
  expect 4 tapir archive -q "$volume" first
  out_has "write protected"
  order protect 0
  verdict
}

bad_block() {
  scenario "bad block by $way"
  order check 08 4 031100 100
  expect 3 tapir verify "$volume"
  out_has "damage: block, session 1, block 4"
  out_has "lost: 'first/random'"
  rm -rf restored
  expect 3 tapir restore -q "$volume" -C restored
  expect 0 diff -r second restored/second
  expect 0 diff first/folder/text restored/first/folder/text
  order mend
  verdict
}

write_error() {
  scenario "write error in the middle of an archive by $way"
  end_of_data
  order check 0a $((end + 3)) 030c00
  expect 4 tapir archive -q --compress none "$volume" first
  out_has "writing a block"
  verdict
}
# The drive loses what it holds back, and the session goes on.
reset_got_over() {
  scenario "reset in the middle of an archive by $way"
  end_of_data
  order reset 0a $((end + 4)) 2
  expect 1 tapir archive -q --compress none "$volume" first
  out_has "the drive was reset; "
  expect 0 tapir verify "$volume"
  rm -rf restored
  expect 0 tapir restore -q "$volume" -C restored
  expect 0 diff -r first restored/first
  order mend
  verdict
}
torn() {
  scenario "a torn session by $way"
  expect 1 tapir verify "$volume"
  out_has "its last session was never finished"
  verdict
}
after_torn() {
  scenario "archiving behind torn sessions by $way"
  expect 0 tapir archive -q "$volume" second
  expect 0 tapir verify "$volume"
  out_has "in 4 sessions can be restored"
  verdict
}

# More than is left goes on on another volume, at the drive's early warning.
spanning() {
  scenario "going on on another volume by $way"
  rm -f next next.side
  expect 0 tapir init "$volume" --label guest --overwrite-existing guest
  expect 0 tapir archive -q --compress none "$volume" --next vtape:next first large second
  expect 0 tapir verify "$volume"
  out_has "1 object continued"
  rm -rf restored
  expect 0 tapir restore -q "$volume" --next vtape:next -C restored
  expect 0 cmp large restored/large
  expect 0 diff -r second restored/second
  verdict
}

cd /tmp || exit 1
make_tree first
make_tree second
by_st() {
  way="st driver"
  main_run ""
  spacing
  loading
  protection
  bad_block
  reset_got_over
  write_error
  torn
  after_torn
  # More than is left of the medium.
  for _ in 1 2 3 4 5 6 7 8 9; do cat first/random; done >large
  spanning
}

by_sg() {
  load generic
  wait_for /dev/sg0
  way="SCSI by /dev/sg0"
  scenario "largest blocks by $way"
  # 1 MiB is 256 pages, as many as the adapter takes: no room for check bytes.
  expect 0 tapir verify "$volume" --session 1
  verdict
  scenario "blocks that leave room for their check by $way"
  expect 1 tapir init "$volume" --label guest --overwrite-existing guest
  out_has "or not with their check: they have 512 KiB at most"
  expect 0 tapir tape status "$volume"
  out_has "protected each block by CRC-32C"
  verdict
  main_run guest 512K
  becoming_ready
  bad_block
  reset_got_over
  write_error
  after_torn
}

by_iscsi() {
  load iscsi
  iqn=iqn.2026-01.tapir:model
  export_by_iscsi "$iqn"
  volume=iscsi://127.0.0.1/$iqn/0
  way=iSCSI
  main_run guest
  # A mebibyte and its check bytes go this way.
  scenario "protected blocks by $way"
  expect 0 tapir tape status "$volume"
  out_has "protected each block by CRC-32C"
  verdict
}

volume=/dev/nst0
case $TAPIR_PART in
  st) by_st ;;
  scsi)
    scenario "a volume by the st driver"
    expect 0 tapir archive -q --compress none "$volume" --label guest first
    verdict
    by_sg
    by_iscsi
    ;;
esac
