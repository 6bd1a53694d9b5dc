#!/usr/bin/env bash
# Packs the guest's first file system.
#
#   initramfs.sh KERNEL-DIR VERSION OUT BINARY...
#
# KERNEL-DIR holds lib/modules/VERSION; each BINARY goes to /bin, with the
# shared libraries it needs.
set -euo pipefail
here=$(dirname "$(realpath -- "${BASH_SOURCE[0]}")")
kernel=$1 version=$2 out=$3
shift 3

root=$(mktemp -d "${TMPDIR:-/tmp}/tapir-guest.XXXXXX")
trap 'rm -rf -- "$root"' EXIT
mkdir -p "$root"/{bin,proc,sys,dev,tmp,modules}

cp -- "$(command -v busybox)" "$root/bin/busybox"
for applet in sh mount insmod mkdir mkfifo ln ls rm cat cut tr sed grep head basename diff sleep \
  timeout uname poweroff echo ifconfig; do
  ln -s busybox "$root/bin/$applet"
done

# list_modules NAME MODULE...: with what they depend on, in order.
list_modules() {
  local list=$root/modules.$1 module file copy
  shift
  for module in "$@"; do
    modprobe -d "$kernel" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
  done | awk '!seen[$0]++' | while read -r file; do
    copy=/modules/$(basename "$file")
    cp -- "$file" "$root$copy"
    case $copy in
      *.xz) xz -d -- "$root$copy"; copy=${copy%.xz} ;;
      *.zst) zstd -q --rm -d -- "$root$copy"; copy=${copy%.zst} ;;
    esac
    printf '%s\n' "$copy"
  done >"$list"
}
list_modules kernel target_core_user tcm_loop st
list_modules generic sg
list_modules iscsi iscsi_target_mod

for binary in "$@"; do
  cp -- "$binary" "$root/bin/"
  strip "$root/bin/$(basename "$binary")"
  ldd "$binary" | grep -oE '/[^ ]+' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L --update=none -- "$library" "$root$library" 2>/dev/null ||
      cp -Ln -- "$library" "$root$library"
  done
done
cp -- "$here/init.sh" "$root/init"
cp -- "$here/scenarios.sh" "$root/scenarios.sh"
chmod +x "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$out"
