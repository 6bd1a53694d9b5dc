#!/usr/bin/env bash
# Runs the program that is given on two servers of its own, whose addresses are in TAPIR_POSTGRES and
# TAPIR_POSTGRES_OTHER.
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
export TAPIR_POSTGRES=$postgres_url
start_postgres other
export TAPIR_POSTGRES_OTHER=$postgres_url
"$@"
