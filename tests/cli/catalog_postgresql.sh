#!/usr/bin/env bash
# The commands of a catalogue on a PostgreSQL server: they say of the same volumes what they say of
# a file.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/cli.sh"
. "$source_dir/tests/cli/lib/postgres.sh"
postgres_programs || exit 77

status=0
"$tapir" catalog volumes --catalog postgresql://127.0.0.1:1/none >"$out" 2>"$err" || status=$?
if grep -aqF 'this build has no catalogues on PostgreSQL' "$err"; then skip "built without libpq"; fi
same "$status" 4 "no server"

# Of a password that is not escaped nothing is shown.
for address in 'u:S3cret/@127.0.0.1/d' 'u:a@S3cret@127.0.0.1:1/d' 'u:12/S3cret@127.0.0.1/d' 'u:[S3cret@127.0.0.1:x/d'; do
  expect 2 "$tapir" catalog volumes --catalog "postgresql://$address"
  err_lacks S3cret
  err_has '%2F %40 %3A'
done

start_postgres server
url=$postgres_url
mkdir -p t/docs
echo alpha >t/docs/a.txt
echo beta | tee t/docs/b.txt >t/docs/twin.txt
printf odd >"t/docs/$(printf 'bad-\xff')"
expect 0 "$tapir" archive -q one.tapir --label one t
echo "alpha, longer" >t/docs/a.txt

expect 4 "$tapir" catalog volumes --catalog "$url"
err_has "no catalogue yet"
expect 4 "$tapir" catalog note --catalog "$url" one x
expect 0 "$tapir" catalog add --catalog "$url" one.tapir
out_has "one.tapir: 1 session added"
expect 0 "$tapir" archive one.tapir t --catalog "$url"
out_has "one.tapir: 1 session added"
expect 0 "$tapir" catalog add -q --catalog file.db one.tapir
for catalog in "$url" file.db; do
  expect 0 "$tapir" verify -q one.tapir --catalog "$catalog"
  expect 0 "$tapir" catalog volumes --catalog "$catalog" one --location 'shelf 1'
  expect 0 "$tapir" catalog note --catalog "$catalog" one 'a note'
done

# both ARGUMENTS...: of either catalogue the same lines, and the same status.
both() {
  local of_file=0 of_server=0
  "$tapir" catalog "$@" --catalog file.db >of_file 2>"$err" || of_file=$?
  "$tapir" catalog "$@" --catalog "$url" >"$out" 2>"$err" || of_server=$?
  same "$of_server" "$of_file" "status of $*"
  cmp <(sort of_file) <(sort "$out") || fail "not the same: $*"
}
both find
[[ -s $out ]] || fail "nothing is found"
both find TXT --json
both find --all-versions a.t -l
both find '*.txt' --size 6..20 --case
both find --regex 'b|a' --type f -0
both find "$(printf '\xff')"
both find nothing
both ls one t/docs -l
both ls one t/docs --session 1 --json
both needs t/docs
both duplicates --json
both copies --fewer-than 2
both diff one:1 one:2
both diff one:1 one:3
both export csv
both export jsonl
both check one.tapir
expect 0 "$tapir" catalog volumes --catalog "$url" --json
same "$(json "$out" 'o[0]["location"], o[0]["health"], [n["text"] for n in o[0]["notes"]]')" \
  "('shelf 1', 'intact', ['a note'])" "volume"
expect 0 "$tapir" catalog forget --catalog "$url" one
expect 1 "$tapir" catalog find --catalog "$url" txt
