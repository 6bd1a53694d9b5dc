#include "tools/restore_options.h"

namespace tapir::cli {

void AddTargetOptions(CLI::App& app, PosixTargetOptions& target, bool& no_owner) {
  app.add_option("-C,--directory", target.directory,
                 "Where to, made if missing; or an NTFS volume, ntfs:IMAGE")
      ->required()
      ->type_name("DIR");
  app.add_flag("--overwrite", target.overwrite, "Replace what is in the way");
  CLI::Option* numeric =
      app.add_flag("--numeric-owner", target.numeric_owner, "Owners by number, not by name");
  app.add_flag("--no-owner", no_owner, "Everything belongs to who runs this")->excludes(numeric);
}

}  // namespace tapir::cli
