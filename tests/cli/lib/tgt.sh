# A tape on an iSCSI target by tgt, on loopback. Sourced by scripts that have a
# folder "$scratch" and carry out what is in the array "at_exit" at their end.
export PATH=$PATH:/usr/sbin

# start_tgt MEBIBYTES: leaves the tape's name in "device", the target's process
# in "target_pid", and "admin" to give it orders.
start_tgt() {
  # As root the target runs as nobody.
  as_nobody=()
  if [[ $EUID -eq 0 ]]; then
    as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod 711 "$scratch"
  fi
  local folder=$scratch/target try
  mkdir "$folder"
  chmod 777 "$folder"
  export TGT_IPC_SOCKET=$folder/socket
  port=$(python3 -c '
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
  control=$((port % 20000 + 100))
  iqn=iqn.2026-01.test.tape:t1

  "${as_nobody[@]}" tgtimg --op new --device-type tape --barcode TAPE0001 --size "$1" --type data \
    --file "$folder/image" --thin-provisioning >/dev/null
  "${as_nobody[@]}" tgtd -f -C "$control" --iscsi "portal=127.0.0.1:$port" >"$folder/log" 2>&1 &
  target_pid=$!
  # It ignores every signal but this one.
  at_exit+=("kill -9 $target_pid")
  for ((try = 0; try < 100; ++try)); do
    if admin --mode system --op show >/dev/null 2>&1; then break; fi
    sleep 0.05
  done
  admin --mode target --op new --tid 1 --targetname "$iqn"
  admin --mode logicalunit --op new --tid 1 --lun 1 --device-type tape --bstype ssc \
    --backing-store "$folder/image"
  admin --mode target --op bind --tid 1 --initiator-address 127.0.0.1
  device=iscsi://127.0.0.1:$port/$iqn/1
}
admin() { "${as_nobody[@]}" tgtadm -C "$control" --lld iscsi "$@"; }
