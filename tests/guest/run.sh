#!/usr/bin/env bash
# The command on a tape of the real st driver: boots a guest with Debian's
# kernel, in which a model of a drive stands behind the driver, behind its generic
# node and behind a target of the kernel's own.
#
#   run.sh PART TAPIR GUEST-BINARY...
#
# PART is what is tried: st, or scsi for the generic node and the target.
#
# Needs no rights and no network but for the kernel's package, which is kept
# for the next time. Exit status 77: something that is needed is not there.
set -euo pipefail
here=$(dirname "$(realpath -- "${BASH_SOURCE[0]}")")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tapir
limit_s=300
part=$1
shift

skip() {
  echo "skipped: $*"
  exit 77
}

PATH=$PATH:/usr/sbin:/sbin
for program in qemu-system-x86_64 busybox cpio depmod modprobe apt-get dpkg; do
  command -v "$program" >/dev/null || skip "$program is not installed"
done
[[ $(dpkg --print-architecture) == amd64 ]] || skip "the guest is for amd64 alone"

# The package's name changes with each version; an old one is gone from the
# mirror, and still good when it is here.
package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null |
  sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
kernel=
for found in "$cache/${package:-none}" "$cache"/linux-image-*; do
  if [[ -e $found/complete ]]; then
    kernel=$found
    break
  fi
done
if [[ -z $kernel ]]; then
  [[ -n $package ]] || skip "apt knows no kernel by linux-image-cloud-amd64"
  kernel=$cache/$package
  fresh=$(mktemp -d "${TMPDIR:-/tmp}/tapir-kernel.XXXXXX")
  trap 'rm -rf -- "$fresh"' EXIT
  echo "Fetching $package, about 27 MB."
  if ! (cd "$fresh" && apt-get download -qq "$package"); then
    skip "the package $package cannot be fetched"
  fi
  mkdir -p "$kernel"
  dpkg -x "$fresh"/*.deb "$kernel"
  depmod -b "$kernel" "${package#linux-image-}"
  : >"$kernel/complete"
fi
version=${kernel##*/linux-image-}

work=$(mktemp -d "${TMPDIR:-/tmp}/tapir-guest.XXXXXX")
trap 'rm -rf -- "$work" "${fresh:-$work}"' EXIT
bash "$here/initramfs.sh" "$kernel" "$version" "$work/initramfs" "$@"

# Always emulated: a host may have acceleration on which stock kernels fail. What an emulator makes
# slow is left out: wide registers, byte-wise clearing, and the kernel's guards against other guests.
# On a busy host the kernel takes its timer for dead, hence no_timer_check.
timeout "$limit_s" qemu-system-x86_64 -accel tcg,thread=multi -cpu Nehalem -smp 2 -m 1024 \
  -nographic -no-reboot -nodefaults -serial stdio -kernel "$kernel/boot/vmlinuz-$version" \
  -initrd "$work/initramfs" \
  -append "console=ttyS0 quiet panic=-1 rdinit=/init mitigations=off nokaslr no_timer_check TAPIR_PART=$part" \
  </dev/null 2>&1 | tr -d '\r' | tee "$work/log" || true

grep -aq '^GUEST DONE' "$work/log" || {
  echo "The guest did not come to its end within $limit_s s." >&2
  exit 1
}
grep -aq '^PASS' "$work/log" || exit 1
! grep -aq '^FAIL' "$work/log"
