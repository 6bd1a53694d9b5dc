#include "tools/catalog/page.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "tapir/base/limits.h"
#include "tools/catalog/health.h"
#include "tools/catalog/web/files.h"
#include "tools/damage_text.h"
#include "tools/html.h"
#include "tools/size_text.h"
#include "tools/time_text.h"

namespace tapir::cli {

namespace {

using Out = std::back_insert_iterator<std::string>;

constexpr size_t kMostDamagesShown = 100;
constexpr size_t kMostPathsShown = 8;

std::string TimeCell(const Timestamp& time) { return HtmlText(FormatLocalTime(time)); }

std::string UnitsText(uint64_t units) { return FormatSize(units * limits::kUnitBytes); }

void AppendHead(std::string& html, const CatalogPage& page) {
  const WebFile* style = FindWebFile("/style.css");
  const std::string title = "Catalogue " + HtmlName(page.catalog);
  fmt::format_to(Out(html),
                 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "style-src 'unsafe-inline'\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body class=\"report\">\n"
                 "<header><h1>{}</h1></header>\n<main>\n",
                 title, style == nullptr ? std::string_view() : style->text, title);
}

void AppendSummary(std::string& html, const CatalogPage& page) {
  uint64_t objects = 0;
  uint64_t sessions = 0;
  uint64_t used = 0;
  for (const VolumeFacts& facts : page.view->facts) {
    used += facts.volume->used_bytes;
    sessions += facts.sessions.size();
    for (const catalog::Session* session : facts.sessions) objects += session->object_count;
  }
  fmt::format_to(Out(html), "<p>{} with {} and {}, {} in use. As of {}.</p>\n",
                 Counted(page.view->facts.size(), "volume"), Counted(sessions, "session"),
                 Counted(objects, "object"), FormatSize(used), TimeCell(page.made));
}

std::string HealthCell(const VolumeFacts& facts) {
  const CatalogHealth health = HealthOf(facts);
  return fmt::format("<span class=\"health {}\">{}</span>", HealthLevelName(health.level),
                     HtmlText(health.text));
}

void AppendVolumes(std::string& html, const CatalogPage& page) {
  html +=
      "<h2>Volumes</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Volumes\"><table>\n<thead><tr><th scope=\"col\">Volume</th>"
      "<th scope=\"col\">Health</th><th scope=\"col\">Kept</th>"
      "<th scope=\"col\" class=\"time\">Last verified</th>"
      "<th scope=\"col\" class=\"number\">Used</th><th scope=\"col\" class=\"number\">Free</th>"
      "<th scope=\"col\" class=\"number\">Sessions</th></tr></thead>\n<tbody>\n";
  size_t number = 0;
  for (const VolumeFacts& facts : page.view->facts) {
    const auto free = facts.FreeBytes();
    fmt::format_to(
        Out(html),
        "<tr><th scope=\"row\"><a href=\"#volume-{}\">{}</a></th><td>{}</td><td>{}</td>"
        "<td class=\"time\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{}</td></tr>\n",
        ++number, HtmlName(page.view->names.Of(*facts.volume)), HealthCell(facts),
        HtmlName(facts.volume->location),
        facts.verifications.empty() ? "never" : TimeCell(facts.verifications.back().time),
        FormatSize(facts.volume->used_bytes), free ? FormatSize(*free) : "not known",
        FormatCount(facts.sessions.size()));
  }
  html += "</tbody></table></div>\n";
}

void AppendPicture(std::string& html, const VolumePicture& picture, std::string_view name) {
  if (picture.cells.empty()) return;
  fmt::format_to(Out(html),
                 "<svg class=\"picture\" role=\"img\" aria-label=\"Map of {}; the table of "
                 "sessions says the same\" viewBox=\"0 0 {} {}\">",
                 name, VolumePicture::kColumns, picture.lines());
  for (const PictureShape& shape : ShapesOf(picture)) {
    fmt::format_to(Out(html), "<path class=\"{}\" d=\"{}\"/>", shape.style_class, shape.path);
  }
  html += "</svg>\n<p class=\"legend\">";
  constexpr std::pair<std::string_view, std::string_view> kLegend[] = {
      {"data odd", "data (odd session)"},
      {"data even", "data (even session)"},
      {"shared odd", "shared content"},
      {"index", "index"},
      {"label", "label"},
      {"unused", "unused"}};
  for (const auto& [style, text] : kLegend) {
    fmt::format_to(Out(html), "<span><i class=\"swatch {}\"></i>{}</span> ", style, text);
  }
  fmt::format_to(Out(html),
                 "<span><i class=\"swatch damage\">×</i>damage</span> One cell is {}.</p>\n",
                 UnitsText(picture.units_per_cell));
}

void AppendSessions(std::string& html, const VolumeFacts& facts, const VolumePicture& picture) {
  html +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Sessions\"><table>\n"
      "<thead><tr><th scope=\"col\" class=\"number\">Session</th><th scope=\"col\">Kind</th>"
      "<th scope=\"col\">Ended</th><th scope=\"col\">Status</th>"
      "<th scope=\"col\" class=\"number\">Objects</th>"
      "<th scope=\"col\" class=\"number\">Contents</th>"
      "<th scope=\"col\" class=\"number\">Data</th><th scope=\"col\" class=\"number\">Shared</th>"
      "<th scope=\"col\" class=\"number\">Index</th></tr></thead>\n<tbody>\n";
  for (const catalog::Session* session : facts.sessions) {
    VolumePicture::Row row;
    for (const VolumePicture::Row& one : picture.rows) {
      if (one.session == session->number) row = one;
    }
    fmt::format_to(Out(html),
                   "<tr><th scope=\"row\" class=\"number\">{}</th><td>{}</td>"
                   "<td class=\"time\">{}</td><td>{}</td>"
                   "<td class=\"number\">{}</td><td class=\"number\">{}</td>"
                   "<td class=\"number\">{}</td><td class=\"number\">{}</td>"
                   "<td class=\"number\">{}</td></tr>\n",
                   session->number, HtmlText(session->kind), TimeCell(session->end),
                   HtmlText(session->status), FormatCount(session->object_count),
                   FormatSize(session->content_bytes), UnitsText(row.data), UnitsText(row.shared),
                   UnitsText(row.index));
  }
  html += "</tbody></table></div>\n";
}

void AppendVerification(std::string& html, const VolumeFacts& facts) {
  if (facts.verifications.empty()) return;
  const catalog::Verification& last = facts.verifications.back();
  fmt::format_to(Out(html), "<p>Last verified {}: {}.</p>\n", TimeCell(last.time),
                 HtmlText(VerificationText(last)));
  if (last.damages.empty()) return;
  html += "<ul class=\"damages\">\n";
  size_t shown = 0;
  for (const Damage& damage : last.damages) {
    if (++shown > kMostDamagesShown) break;
    fmt::format_to(Out(html), "<li>{}{}</li>\n", HtmlText(DamageAsText(damage)),
                   damage.path.empty() ? "" : ": " + HtmlName(damage.path));
  }
  html += "</ul>\n";
}

void AppendVolume(std::string& html, const CatalogPage& page, size_t at) {
  const VolumeFacts& facts = page.view->facts[at];
  const catalog::Volume& volume = *facts.volume;
  const std::string name = HtmlName(page.view->names.Of(volume));
  fmt::format_to(Out(html),
                 "<section>\n<h2 id=\"volume-{}\">{}</h2>\n<p>{} · volume {} of set {} · UUID {} · "
                 "written by {}, created {}{}</p>\n",
                 at + 1, name, HealthCell(facts), volume.sequence, HtmlText(volume.set_uuid),
                 HtmlText(volume.uuid), HtmlText(volume.writer), TimeCell(volume.created),
                 volume.location.empty() ? "" : " · kept: " + HtmlName(volume.location));
  AppendPicture(html, page.pictures[at], name);
  AppendSessions(html, facts, page.pictures[at]);
  AppendVerification(html, facts);
  for (const catalog::Note& note : facts.notes) {
    fmt::format_to(Out(html), "<p class=\"note\">{}: {}</p>\n", TimeCell(note.time),
                   HtmlName(note.text));
  }
  html += "</section>\n";
}

void AppendDuplicates(std::string& html, const CatalogPage& page) {
  const DuplicateSummary& duplicates = page.duplicates;
  html += "<section>\n<h2>Duplicates</h2>\n";
  if (duplicates.contents == 0) {
    html += "<p>No content stands under more than one path.</p>\n</section>\n";
    return;
  }
  fmt::format_to(Out(html), "<p>{} under several paths; the {} hold {}.</p>\n<ol>\n",
                 Counted(duplicates.contents, "content"),
                 Counted(duplicates.copies, "further copy", "further copies"),
                 FormatSize(duplicates.copied_bytes));
  for (const catalog::ContentGroup& group : duplicates.largest) {
    fmt::format_to(Out(html), "<li>{} × {}<ul>\n", FormatCount(group.count),
                   FormatSize(group.size));
    size_t shown = 0;
    for (const catalog::Version& version : group.versions) {
      if (++shown > kMostPathsShown) {
        fmt::format_to(Out(html), "<li>and {} more</li>\n",
                       FormatCount(group.count - kMostPathsShown));
        break;
      }
      const catalog::Volume& volume = page.view->inventory.VolumeOf(*version.session);
      fmt::format_to(Out(html), "<li><span class=\"path\">{}</span> on {}, session {}</li>\n",
                     HtmlName(version.entry.path), HtmlName(page.view->names.Of(volume)),
                     version.session->number);
    }
    html += "</ul></li>\n";
  }
  html += "</ol>\n</section>\n";
}

}  // namespace

std::string PageAsHtml(const CatalogPage& page) {
  std::string html;
  AppendHead(html, page);
  AppendSummary(html, page);
  AppendVolumes(html, page);
  for (size_t at = 0; at < page.view->facts.size(); ++at) AppendVolume(html, page, at);
  AppendDuplicates(html, page);
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace tapir::cli
