#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "tools/catalog/catalog.h"
#include "tools/catalog/facts.h"
#include "tools/catalog/place.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/size_text.h"
#include "tools/table.h"
#include "tools/time_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kVolumesExamples =
    "Health is what 'tapir verify --catalog' found last.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog volumes\n"
    "  tapir catalog volumes -l photos\n"
    "  tapir catalog volumes --location photos 'cellar, shelf 3'\n";

struct VolumesOptions {
  CatalogOptions catalog;
  std::vector<std::string> names;
  std::vector<std::string> location;  ///< volume, text; or nothing
  bool long_form = false;
};

std::string HealthText(const VolumeFacts& facts) {
  std::string text = SafeText(facts.Health());
  if (facts.SessionsSince() > 0) text += fmt::format(", {} more since", facts.SessionsSince());
  return text;
}

std::string LastVerified(const VolumeFacts& facts) {
  return facts.verifications.empty() ? "never" : FormatLocalTime(facts.verifications.back().time);
}

std::string FreeText(const VolumeFacts& facts) {
  return facts.FreeBytes() ? FormatSize(*facts.FreeBytes()) : "";
}

std::string AsTable(const std::vector<VolumeFacts>& all, const OpenedCatalog& opened) {
  constexpr size_t kSetDigits = 8;
  Table table({{"volume"},
               {"set"},
               {"kept"},
               {"sessions", Table::Align::kRight},
               {"used", Table::Align::kRight},
               {"free", Table::Align::kRight},
               {"verified"},
               {"health"}});
  for (const VolumeFacts& facts : all) {
    table.Add({Escaped(opened.names.Of(*facts.volume)),
               SafeText(facts.volume->set_uuid.substr(0, kSetDigits)),
               Escaped(facts.volume->location), std::to_string(facts.sessions.size()),
               FormatSize(facts.volume->used_bytes), FreeText(facts), LastVerified(facts),
               HealthText(facts)});
  }
  return table.ToString();
}

std::string SessionTableOf(const VolumeFacts& facts) {
  Table table({{"session", Table::Align::kRight},
               {"kind"},
               {"ended"},
               {"objects", Table::Align::kRight},
               {"contents", Table::Align::kRight},
               {"status"}});
  for (const catalog::Session* session : facts.sessions) {
    std::string status = SafeText(session->status);
    if (session->from_records) status += ", read without its index";
    table.Add({std::to_string(session->number), SafeText(session->kind),
               FormatLocalTime(session->end), FormatCount(session->object_count),
               FormatSize(session->content_bytes), status});
  }
  return table.ToString();
}

std::string AsLongText(const VolumeFacts& facts, const OpenedCatalog& opened) {
  const catalog::Volume& volume = *facts.volume;
  std::string text = fmt::format("volume    {}\n", Escaped(opened.names.Of(volume)));
  text += fmt::format("uuid      {}\n", SafeText(volume.uuid));
  text += fmt::format("set       {}, volume {}\n", SafeText(volume.set_uuid), volume.sequence);
  text += fmt::format("kept      {}\n",
                      volume.location.empty() ? "not told" : Escaped(volume.location));
  text += fmt::format("read      {}, as {}\n", FormatLocalTime(volume.updated),
                      Escaped(volume.address));
  text += "used      " + FormatSize(volume.used_bytes);
  if (facts.FreeBytes()) text += fmt::format(", {} free", FreeText(facts));
  text += fmt::format("\nhealth    {}\n", HealthText(facts));
  for (const catalog::Verification& verification : facts.verifications) {
    text += fmt::format("verified  {}: {} ({}, {}), {}\n", FormatLocalTime(verification.time),
                        SafeText(verification.verdict), SafeText(verification.coverage),
                        SafeText(verification.level), Counted(verification.damage_count, "damage"));
  }
  for (const catalog::Note& note : facts.notes) {
    text += fmt::format("note      {}: {}\n", FormatLocalTime(note.time), Escaped(note.text));
  }
  return text + (facts.sessions.empty() ? "no session is known\n" : SessionTableOf(facts));
}

/// Whether one of the names means the volume.
Result<bool> IsNamed(const VolumesOptions& options, const OpenedCatalog& opened,
                     const catalog::Volume& volume) {
  if (options.names.empty()) return true;
  bool named = false;
  for (const std::string& name : options.names) {
    TAPIR_ASSIGN_OR_RETURN(const auto volumes, FindNamedSet(opened.inventory, name));
    for (const catalog::Volume* other : volumes) named = named || other->key == volume.key;
  }
  return named;
}

void ShowVolumes(const std::vector<VolumeFacts>& all, const VolumesOptions& options,
                 const OpenedCatalog& opened, CommandRun& run) {
  if (run.json()) {
    for (const VolumeFacts& facts : all) run.out().Append(ToLine(FactsAsObject(facts, opened)));
  } else if (options.long_form) {
    for (size_t i = 0; i < all.size(); ++i) {
      run.out().Append((i > 0 ? "\n" : "") + AsLongText(all[i], opened));
    }
  } else if (!all.empty()) {
    run.out().Append(AsTable(all, opened));
  } else if (run.wants_summary()) {
    run.out().Append("the catalogue has no volume yet; 'tapir catalog add VOLUME' reads one\n");
  }
}

/// `--location VOLUME TEXT`, or `VOLUME --location TEXT`.
Status SetNamedLocation(const VolumesOptions& options) {
  const bool with_volume = options.location.size() == 2;
  TAPIR_ASSIGN_OR_RETURN(const OpenedCatalog opened,
                         ReadCatalog(options.catalog.place, catalog::StoreUse::kWrite));
  TAPIR_ASSIGN_OR_RETURN(
      const catalog::Volume* volume,
      FindNamedVolume(opened.inventory, with_volume ? options.location[0] : options.names[0]));
  TAPIR_RETURN_IF_ERROR(opened.store->SetLocation(volume->key, options.location.back()));
  return opened.store->Flush();
}

ExitStatus RunVolumes(const VolumesOptions& options) {
  if (!options.location.empty() && options.location.size() + options.names.size() != 2) {
    throw CLI::ValidationError("--location", "give one volume, and where it is");
  }
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  if (!options.location.empty()) {
    const Status set = SetNamedLocation(options);
    return set.ok() ? run.Finish() : run.Fail(set);
  }
  const auto opened = ReadCatalog(options.catalog.place);
  if (!opened.ok()) return run.Fail(opened.status());
  auto all = ReadVolumeFacts(*opened->store, opened->inventory);
  const Status settled = Settled(*opened->store, all.status());
  if (!settled.ok()) return run.Fail(settled);
  std::vector<VolumeFacts> chosen;
  for (VolumeFacts& facts : *all) {
    const auto named = IsNamed(options, *opened, *facts.volume);
    if (!named.ok()) return run.Fail(named.status());
    if (*named) chosen.push_back(std::move(facts));
  }
  ShowVolumes(chosen, options, *opened, run);
  return run.Finish();
}

}  // namespace

Command AddCatalogVolumes(CLI::App& catalog) {
  auto options = std::make_shared<VolumesOptions>();
  CLI::App* app = AddCatalogAction(
      catalog, "volumes", "Volumes: where they are kept, what is on them, and how they are",
      options->catalog);
  AddStrings(*app, "VOLUME", options->names, "Only these volumes or sets");
  app->add_flag("-l,--long", options->long_form, "Sessions, verifications and notes, too")
      ->excludes("--json");
  const CLI::callback_t take = [options](const CLI::results_t& strings) {
    options->location = strings;
    return true;
  };
  app->add_option("--location", take, "Keep in mind where a volume is; \"\" forgets it")
      ->type_size(1)
      ->expected(1, 2)
      ->type_name("VOLUME TEXT")
      ->excludes("--long")
      ->excludes("--json");
  app->footer(kVolumesExamples);
  return {app, [options] { return RunVolumes(*options); }};
}

}  // namespace tapir::cli
