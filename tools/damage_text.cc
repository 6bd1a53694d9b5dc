#include "tools/damage_text.h"

#include <fmt/format.h>

#include "tapir/base/limits.h"
#include "tools/escape.h"

namespace tapir::cli {

std::string DamageAsText(const Damage& damage) {
  std::string text(DamageKindName(damage.kind));
  if (damage.session_number > 0) text += fmt::format(", session {}", damage.session_number);
  text += fmt::format(", block {}, unit {} (byte {}", damage.object, damage.unit,
                      damage.unit * limits::kUnitBytes);
  if (damage.length_bytes > 0) text += fmt::format(", {} bytes", damage.length_bytes);
  text += ")";
  if (!damage.path.empty()) text += ", " + Quoted(damage.path);
  return text + ": " + SafeText(damage.text);
}

Json DamageAsObject(const Damage& damage) {
  Json object{{"kind", DamageKindName(damage.kind)}};
  if (damage.session_number > 0) object["session"] = damage.session_number;
  object["place"] = Json{{"object", damage.object},
                         {"unit", damage.unit},
                         {"offset", damage.unit * limits::kUnitBytes},
                         {"length", damage.length_bytes}};
  if (!damage.path.empty()) PutName(object, "path", damage.path);
  object["text"] = damage.text;
  return object;
}

}  // namespace tapir::cli
