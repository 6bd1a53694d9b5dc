#include "tests/catalog/catalog_fixture.h"

namespace tapir::test {

Label LabelOf(uint8_t set, uint8_t volume, const std::string& name, uint32_t sequence) {
  Label label = FixedLabel();
  label.set_uuid.fill(std::byte{set});
  label.volume_uuid.fill(std::byte{volume});
  label.volume_sequence = sequence;
  label.name = name;
  return label;
}

}  // namespace tapir::test
