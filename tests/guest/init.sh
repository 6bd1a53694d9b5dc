#!/bin/sh
# First process of the guest: brings up the drive model as /dev/nst0 and runs
# the scenarios. Each prints a line "PASS name" or "FAIL name: why"; the last
# line is "GUEST DONE".
export PATH=/bin LC_ALL=C.UTF-8
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t tmpfs tmp /tmp
mkdir -p /tmp/run

load() {
  while read -r module; do
    name=$(basename "$module" .ko | tr - _)
    [ -d "/sys/module/$name" ] || insmod "$module" || echo "insmod $module failed"
  done <"/modules.$1"
}

# The target appears as a SCSI host of its own; making the link scans it, so
# whoever answers must be there before.
start_drive() {
  core=/sys/kernel/config/target/core/user_0
  tape=$core/tape0
  mkdir -p "$tape"
  echo "dev_size=1048576,hw_block_size=512,hw_max_sectors=32768,dev_config=tapir/model" >"$tape/control"
  echo 0 >"$tape/attrib/cmd_time_out"
  echo 1 >"$tape/enable"
  uio=
  for found in /sys/class/uio/*; do
    if grep -q tape0 "$found/name"; then uio=$(basename "$found"); fi
  done
  mkfifo /tmp/run/faults
  tapir_guest_tape "/dev/$uio" "$(cat "/sys/class/uio/$uio/maps/map0/size")" "$1" /tmp/run/faults &
  port=/sys/kernel/config/target/loopback/naa.6001405000000001/tpgt_1
  mkdir -p "$port"
  echo naa.6001405000000002 >"$port/nexus"
  mkdir -p "$port/lun/lun_0"
  ln -s "$tape" "$port/lun/lun_0/tape0"
}

# export_by_iscsi IQN: the same drive as a target of the kernel's own, open to all.
export_by_iscsi() {
  ifconfig lo 127.0.0.1 up
  target=/sys/kernel/config/target/iscsi/$1/tpgt_1
  mkdir -p "$target/lun/lun_0"
  ln -s "$tape" "$target/lun/lun_0/tape0"
  for setting in generate_node_acls=1 cache_dynamic_acls=1 demo_mode_write_protect=0 \
    authentication=0; do
    echo "${setting#*=}" >"$target/attrib/${setting%=*}"
  done
  mkdir -p "$target/np/127.0.0.1:3260"
  echo 1 >"$target/enable"
}

wait_for() {
  tries=0
  until [ -e "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { echo "FAIL boot: $1 does not appear"; finish; }
    sleep 0.05
  done
}

finish() {
  echo "GUEST DONE $(cut -d' ' -f1 /proc/uptime)"
  poweroff -f
}

load kernel
mount -t configfs configfs /sys/kernel/config
start_drive $((24 << 20))
wait_for /dev/nst0
echo "GUEST READY $(cut -d' ' -f1 /proc/uptime) $(uname -r)"
. /scenarios.sh
finish
