# A small tree with one of each thing an archive must keep. Sourced by
# tools/quickstart.

# make_sample_tree DIR: creates DIR. What the file system or the user's rights
# do not allow is left out.
make_sample_tree() {
  local root=$1
  mkdir -p "$root/documents/deep/er/still" "$root/empty-folder"
  printf 'Tapir keeps what it is given.\n' >"$root/documents/note.txt"
  seq 1 200000 >"$root/documents/numbers.txt"
  cp "$root/documents/numbers.txt" "$root/documents/deep/same-content.txt"
  : >"$root/documents/deep/er/empty"
  head -c 3000000 /dev/urandom >"$root/documents/random.bin"
  local i
  for ((i = 0; i < 500; ++i)); do
    printf 'small file %d\n' "$i" >"$root/documents/deep/er/still/$i.txt"
  done

  ln -s note.txt "$root/documents/link-to-note"
  ln -s /nowhere/at/all "$root/dangling-link"
  ln "$root/documents/note.txt" "$root/hard-link-to-note"
  mkfifo "$root/pipe"

  # 64 MiB long with 4 KiB of data in its middle.
  truncate -s 64M "$root/sparse"
  printf 'island' | dd of="$root/sparse" bs=4096 seek=8000 conv=notrunc,sync status=none

  printf 'a\n' >"$root/name with a
line break"
  printf 'b\n' >"$root/not-utf8-"$'\xff\xfe' 2>/dev/null || true
  printf 'c\n' >"$root/-starts-with-a-dash"

  if command -v setfattr >/dev/null; then
    setfattr -n user.comment -v 'an attribute' "$root/documents/note.txt" 2>/dev/null || true
  fi
  chmod 0640 "$root/documents/numbers.txt"
  chmod 2750 "$root/empty-folder"
  touch -d '2001-02-03 04:05:06.123456789' "$root/documents/note.txt" "$root/empty-folder"
}
