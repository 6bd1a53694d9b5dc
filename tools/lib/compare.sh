# Compares two trees with tools that know nothing of Tapir. Sourced by
# tools/quickstart. Sockets are not archived, so both leave them out.

# same_by_diff A B: contents, names and link targets. diff calls any two special
# files different, even those of one kind; such lines do not count.
same_by_diff() {
  local said status=0
  said=$(LC_ALL=C diff -rq --no-dereference "$1" "$2") || status=$?
  ((status <= 1)) || return "$status"
  said=$(grep -aEv '^File .* is a (fifo|character special file|block special file) while file .* is a \1$' \
    <<<"$said" || true)
  local socket
  while IFS= read -r -d '' socket; do
    said=$(grep -aFxv "Only in ${socket%/*}: ${socket##*/}" <<<"$said" || true)
  done < <(find "$1" -type s -print0)
  [[ -z $said ]] || { printf '%s\n' "$said"; return 1; }
}

# same_by_rsync A B: also modes, owners, times, hard links, ACLs and attributes.
same_by_rsync() {
  local said filters=()
  # Sockets by name, anchored at the tree, with rsync's wildcards escaped.
  mapfile -t filters < <(find "$1" -type s -printf '%P\n' |
    sed 's/[][*?\\]/\\&/g; s|^|--exclude=/|')
  said=$(rsync -naicHAX --delete "${filters[@]}" "$1/" "$2/") || return 1
  [[ -z $said ]] || { printf '%s\n' "$said"; return 1; }
}
