# bash completion for tapir

_tapir_options() {
  local common="--help --json"
  local label="--label --block-size --full-blocks --capacity --tape-profile"
  local selection="--session --at --next --include-torn"
  local target="--directory --overwrite --numeric-owner --no-owner --windows-streams --windows-metadata"
  case $1 in
    init) echo "$common $label --overwrite-existing --quiet" ;;
    archive)
      echo "$common $label --directory --files-from --null --no-recursion --select --exclude" \
        "--exclude-caches --one-file-system --compress --fixity --dedup --atime --jobs --buffer" \
        "--next --next-command --reserve --policy --drive --env --writer --wildcards --verify" \
        "--catalog --quiet"
      ;;
    list) echo "$common $selection --long --digests --null --efs --certificate --sis --excluded --quiet" ;;
    verify) echo "$common --level --against --policy --sis --session --next --report --catalog --jobs --quiet" ;;
    restore)
      echo "$common $selection $target --make --policy --drive --env --writer --wildcards --sis" \
        "--sis-list --next-command --system-state --hives --bare-metal --restored-volume --sysvol" \
        "--pending --jobs --quiet"
      ;;
    info) echo "$common" ;;
    inspect) echo "$common --block --no-records" ;;
    salvage) echo "$common $target --jobs --quiet" ;;
    export)
      echo "$common $selection --as --output --directory --overwrite --next-command --jobs --quiet"
      ;;
    tape)
      echo "$common --model --unit --kind --count --immediate --partition --end --long --size" \
        "--block-bytes --compression --report-setmarks --early-warning-bytes --overwrite-existing"
      ;;
    policy) echo "$common --all --env --writer --wildcards --remove" ;;
    srdelayed)
      echo "$common --output --overwrite --as-listed --program --file --drive --dry-run --no-status --quiet"
      ;;
    catalog)
      echo "$common --catalog --exact --regex --case --size --newer --older --owner --group --type" \
        "--digest --certificate --volume --session --all-versions --limit --long --null --at" \
        "--all --location --of --min-size --fewer-than --output --address --port --quiet"
      ;;
  esac
}

_tapir() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local commands="init archive list verify restore info inspect salvage export tape policy srdelayed catalog" candidates=""
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$word")
    return
  fi
  case $before in
    tape)
      candidates="status load unload rewind erase format partition lock unlock tension seek mark
        space position params copy list-devices"
      ;;
    policy) candidates="show check set" ;;
    srdelayed) candidates="make check run" ;;
    catalog)
      candidates="add rebuild find ls volumes note forget needs duplicates copies diff policy export check serve report"
      ;;
    --policy) candidates="auto none" ;;
    --wildcards) candidates="win32 plain" ;;
    --tape-profile) candidates="lto-9 lto-8 lto-10 dds-4" ;;
    --unit) candidates="blocks filemarks setmarks sequential-filemarks sequential-setmarks" ;;
    --kind) candidates="filemark setmark short long" ;;
    --compress) candidates="none zstd" ;;
    --fixity | --digests) candidates="xxh128 sha256" ;;
    --dedup) candidates="session none" ;;
    --level) candidates="blocks content" ;;
    --windows-streams) candidates="files xattrs" ;;
    --sis) [[ ${COMP_WORDS[1]} == list ]] || candidates="links files" ;;
    --as) candidates="efs-raw backup-stream" ;;
    --session) candidates="last all" ;;
    --block-size) candidates="64K 256K 1M 4M 8M" ;;
    -C | --directory | --against)
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      compopt -o filenames
      return
      ;;
  esac
  if [[ -n $candidates ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_tapir_options "${COMP_WORDS[1]}")" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    compopt -o filenames
  fi
}

complete -F _tapir tapir
