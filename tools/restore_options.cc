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
  app.add_option_function<std::string>(
         "--windows-streams",
         [&target](const std::string& how) {
           target.windows.streams =
               how == "files" ? WindowsOnPosix::Streams::kFiles : WindowsOnPosix::Streams::kXattrs;
         },
         "Named streams of NTFS as files NAME:STREAM or as xattrs; left behind unless given")
      ->type_name("files|xattrs")
      ->check(CLI::IsMember({"files", "xattrs"}));
  app.add_flag("--windows-metadata", target.windows.metadata,
               "What only NTFS has of files in .tapir-windows.json of each directory");
}

void AddSisForm(CLI::App& app, std::optional<SisForm>& form) {
  app.add_option_function<std::string>(
         "--sis",
         [&form](const std::string& how) {
           form = how == "links" ? SisForm::kLinks : SisForm::kFiles;
         },
         "Links of the Single Instance Store are links there (on NTFS, unless this says otherwise) "
         "or files of their own (in a directory)")
      ->type_name("links|files")
      ->check(CLI::IsMember({"links", "files"}));
}

void AddSisList(CLI::App& app, std::string& list) {
  app.add_option("--sis-list", list,
                 "Where to write what the SIS service of Windows has to be told of restored links; "
                 "IMAGE.sis.jsonl unless given")
      ->type_name("FILE");
}

}  // namespace tapir::cli
