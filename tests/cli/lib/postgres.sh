# PostgreSQL servers of a script's own, on loopback. Sourced by scripts that have a folder
# "$scratch" and carry out what is in the array "at_exit" at their end.

# postgres_programs: puts the server's programs into the PATH; fails, naming what is missing.
postgres_programs() {
  local newest
  newest=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  export PATH=$PATH${newest:+:$newest}
  local program
  for program in initdb postgres psql; do
    command -v "$program" >/dev/null || { echo "$program (of postgresql) is not installed" >&2; return 1; }
  done
}

# start_postgres NAME [OPTION...]: leaves its port in "postgres_port" and the address of the database "tapir",
# which it makes for the user "tapir", in "postgres_url".
start_postgres() {
  # As root the server runs as nobody.
  local as_nobody=() folder=$scratch/$1 try
  if [[ $EUID -eq 0 ]]; then
    as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod 711 "$scratch"
  fi
  mkdir "$folder"
  chmod 777 "$folder"
  # Characters that an address has to escape.
  printf 'pass word/%%\n' >"$folder/password"
  chmod 644 "$folder/password"
  postgres_port=$(python3 -c '
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
  (cd / && "${as_nobody[@]}" initdb -D "$folder/data" -U tapir -A scram-sha-256 \
    --pwfile="$folder/password" -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1) ||
    { cat "$folder/log" >&2; return 1; }
  (cd / && exec "${as_nobody[@]}" postgres -D "$folder/data" -p "$postgres_port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder" -c fsync=off \
    "${@:2}" >>"$folder/log" 2>&1) &
  local pid=$!
  # Fast shutdown: it does not wait for those that are connected.
  at_exit+=("kill -INT $pid; wait $pid || true")
  local server=postgresql://tapir:pass%20word%2F%25@127.0.0.1:$postgres_port
  for ((try = 0; try < 300; ++try)); do
    if psql -q "$server/postgres" -c "CREATE DATABASE tapir" >/dev/null 2>&1; then break; fi
    sleep 0.1
  done
  postgres_url=$server/tapir
  psql -q "$postgres_url" -c "SELECT 1" >/dev/null || { cat "$folder/log" >&2; return 1; }
}
