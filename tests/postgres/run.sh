#!/usr/bin/env bash
# Runs the program that is given on a server of its own, whose address is in TAPIR_POSTGRES.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib/postgres.sh"

postgres_programs || exit 77
scratch=$(mktemp -d)
at_exit=()
finish() {
  local command
  for command in "${at_exit[@]}"; do eval "$command"; done
  rm -rf "$scratch"
}
trap finish EXIT
start_postgres server
TAPIR_POSTGRES=$postgres_url "$@"
