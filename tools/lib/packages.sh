# Debian packages the project needs, listed once, and the way to install what
# is missing of them. Sourced by tools/quickstart, tests/run and .ci/run.

# Arrays are read by the scripts that source this file.
# shellcheck disable=SC2034
core_packages=(
  g++ cmake ninja-build pkg-config
  libzstd-dev libxxhash-dev libssl-dev libfmt-dev libcli11-dev nlohmann-json3-dev libhivex-dev
  libsqlite3-dev libre2-dev libcpp-httplib-dev
)
# shellcheck disable=SC2034
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev
  python3 rsync attr acl xxhash zstd
  libiscsi-dev tgt
  libpq-dev postgresql
  reglookup libregf-utils libhivex-bin libwin-hivex-perl
  ntfs-3g-dev ntfs-3g wimtools libvhdi-dev libvmdk-dev libewf-dev libqcow-dev qemu-utils ewf-tools
  qemu-system-x86 busybox-static cpio kmod
  chromium chromium-driver
)

# For the presets that are built with sanitizers.
# shellcheck disable=SC2034
sanitizer_packages=(clang libclang-rt-dev lld)

missing_packages() {
  local package
  for package in "$@"; do
    if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
      printf '%s\n' "$package"
    fi
  done
}

# run_as_root COMMAND...: itself when root, by sudo when that works.
run_as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

may_become_root() {
  [[ $EUID -eq 0 ]] && return 0
  command -v sudo >/dev/null || return 1
  # Without a terminal sudo cannot ask for a password.
  sudo -n true 2>/dev/null || [[ -t 0 ]]
}

# download_size PACKAGE...: what apt-get would fetch, dependencies included.
download_size() {
  local unit=("" k M G)
  local bytes power=0
  bytes=$(apt-get install --yes --no-install-recommends --print-uris "$@" |
    awk '/^\x27/ { sum += $3 } END { printf "%d", sum }') || return 1
  while ((bytes >= 10000 && power < 3)); do
    bytes=$((bytes / 1000))
    power=$((power + 1))
  done
  printf '%s %sB\n' "$bytes" "${unit[power]}"
}

# install_missing PACKAGE...: quiet and offline when nothing is missing.
install_missing() {
  local missing size
  if ! command -v dpkg-query >/dev/null; then
    echo "Not a Debian system; these are needed under their local names: $*"
    return 0
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} == 0)) && return 0
  echo "Missing packages: ${missing[*]}"
  if ! may_become_root; then
    echo "They cannot be installed without root. Please run, then start again:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    return 1
  fi
  run_as_root apt-get update -qq || echo "The package lists could not be refreshed." >&2
  if ! size=$(download_size "${missing[@]}"); then
    echo "apt-get cannot provide: ${missing[*]}" >&2
    return 1
  fi
  echo "Installing them, about $size to download."
  without_starting_services without_database_cluster \
    run_as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes -qq --no-install-recommends "${missing[@]}"
}

# without_starting_services COMMAND...: what is installed starts no server. A
# machine's own policy stays in force.
without_starting_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [[ -e $policy ]]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | run_as_root tee "$policy" >/dev/null
  run_as_root chmod 755 "$policy"
  "$@" || status=$?
  run_as_root rm -f "$policy"
  return "$status"
}

# without_database_cluster COMMAND...: PostgreSQL, where it is installed, makes no databases of its
# own. What a machine has set itself stays in force, and afterwards nothing has changed.
without_database_cluster() {
  local folder=/etc/postgresql-common status=0
  local setting=$folder/createcluster.d/tapir.conf
  if grep -qrE '^[[:space:]]*create_main_cluster' "$folder" 2>/dev/null; then
    "$@"
    return
  fi
  run_as_root mkdir -p "${setting%/*}"
  echo 'create_main_cluster = false' | run_as_root tee "$setting" >/dev/null
  "$@" || status=$?
  run_as_root rm -f "$setting"
  run_as_root rmdir --ignore-fail-on-non-empty -p "${setting%/*}" 2>/dev/null || true
  return "$status"
}

# A compiler cache saves most of a second build; it is used, never required.
use_ccache() {
  if [[ -z ${CMAKE_CXX_COMPILER_LAUNCHER:-} ]] && command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
}
