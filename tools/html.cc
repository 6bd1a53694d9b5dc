#include "tools/html.h"

#include "tools/escape.h"

namespace tapir::cli {

namespace {

std::string WithEntities(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char byte : text) {
    switch (byte) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += byte;
    }
  }
  return html;
}

}  // namespace

std::string HtmlName(std::string_view name) { return WithEntities(Escaped(name)); }

std::string HtmlText(std::string_view text) { return WithEntities(SafeText(text)); }

}  // namespace tapir::cli
