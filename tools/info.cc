#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "tapir/base/limits.h"
#include "tapir/jobs/volume_info.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/session_json.h"
#include "tools/size_text.h"
#include "tools/table.h"
#include "tools/time_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kInfoExamples =
    "Examples:\n"
    "  tapir info photos.tapir\n"
    "  tapir info photos.tapir --json\n";

std::string Remarks(const SessionInfo& session) {
  std::string remarks = session.status;
  if (session.has_policy) remarks += ", shaped by a policy";
  if (!session.begins_on.empty()) remarks += ", begun on the volume before";
  if (!session.end_readable) remarks += ", end DAMAGED";
  if (!session.supported) remarks += ", needs a newer tapir";
  return remarks;
}

std::string SessionTable(const VolumeInfo& volume) {
  Table table({{"session", Table::Align::kRight},
               {"kind"},
               {"ended"},
               {"objects", Table::Align::kRight},
               {"contents", Table::Align::kRight},
               {"digests"},
               {"status"}});
  for (const SessionInfo& session : volume.sessions) {
    table.Add({std::to_string(session.number), session.kind, FormatLocalTime(session.end),
               FormatCount(session.object_count), FormatSize(session.content_bytes),
               session.digests, Remarks(session)});
  }
  return table.ToString();
}

std::string AsText(const VolumeInfo& volume) {
  std::string text = fmt::format("volume    {}\n", Escaped(volume.volume));
  text +=
      fmt::format("label     {}{}\n", volume.label.empty() ? "none" : Quoted(volume.label),
                  volume.label_damaged ? " (label block DAMAGED, taken from a later copy)" : "");
  text += fmt::format("uuid      {}\n", volume.uuid);
  text += fmt::format("set       {}, volume {}\n", volume.set_uuid, volume.volume_sequence);
  for (const SetVolume& earlier : volume.earlier_volumes) {
    text += fmt::format("          after volume {}, {}\n", earlier.sequence, earlier.uuid);
  }
  text +=
      fmt::format("created   {} by {}\n", FormatLocalTime(volume.created), SafeText(volume.writer));
  text += fmt::format("blocks    up to {}{}\n", FormatSize(volume.max_block_bytes),
                      volume.full_blocks ? ", all of this size" : "");
  text += fmt::format("length    {}\n", FormatSize(volume.volume_bytes));
  text += fmt::format("features  read {:#x}, append {:#x}\n", volume.read_features,
                      volume.append_features);
  if (!volume.being_written_by.empty()) {
    text += fmt::format("writer    {} is adding a session\n", SafeText(volume.being_written_by));
  }
  if (volume.sessions.empty()) return text + "no session has ended yet\n";
  text += "\n" + SessionTable(volume);
  const SessionInfo& last = volume.sessions.back();
  text += fmt::format("\nlast session: id {}, {}, by {}\n", last.id, SafeText(last.options),
                      SafeText(last.writer));
  return text + fmt::format("digest of its end: {}\n", last.end_digest);
}

ExitStatus RunInfo(const CommonOptions& common) {
  CommandRun run(common, CommandRun::Results::kStandardOutput, CommandRun::Notices::kAsLines);
  const auto info = ReadVolumeInfo(common.volume);
  if (!info.ok()) return run.Fail(info.status());
  run.out().Append(run.json() ? ToLine(VolumeAsObject(*info)) : AsText(*info));
  run.out().Flush();
  if (info->torn && info->being_written_by.empty()) {
    run.Complain(
        fmt::format("a session at unit {} (byte {}) was never finished; the next 'archive' "
                    "goes on behind it",
                    info->torn_first_unit, info->torn_first_unit * limits::kUnitBytes),
        kExitWarnings);
  }
  const auto& sessions = info->sessions;
  if (info->label_damaged || !std::all_of(sessions.begin(), sessions.end(),
                                          [](const auto& s) { return s.end_readable; })) {
    run.Complain("the volume is damaged; 'tapir verify' says more", kExitDamage);
  }
  if (!std::all_of(sessions.begin(), sessions.end(), [](const auto& s) { return s.supported; })) {
    run.Complain("some sessions need a newer version of tapir", kExitForeign);
  }
  return run.Finish();
}

}  // namespace

Command AddInfo(CLI::App& root) {
  auto common = std::make_shared<CommonOptions>();
  CLI::App* app = AddCommand(root, "info", "Show label, sessions and sizes", *common);
  app->footer(kInfoExamples);
  return {app, [common] { return RunInfo(*common); }};
}

}  // namespace tapir::cli
