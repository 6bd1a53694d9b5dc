#include "tools/catalog/picture.h"

#include <gmock/gmock.h>

#include <limits>

namespace tapir::cli {
namespace {

using catalog::MapRange;
using Kind = catalog::MapRange::Kind;
using Look = VolumePicture::Look;
using ::testing::ElementsAre;

catalog::Volume VolumeOf(uint64_t used_units) {
  catalog::Volume volume;
  volume.used_bytes = used_units * 4096;
  return volume;
}

std::vector<Look> LooksOf(const VolumePicture& picture) {
  std::vector<Look> looks;
  for (const auto& cell : picture.cells) looks.push_back(cell.look);
  return looks;
}

TEST(VolumePicture, HasACellForEachUnitOfASmallVolume) {
  const auto picture = DrawVolume(VolumeOf(6), {{Kind::kLabel, 0, 0, 1},
                                                {Kind::kData, 1, 1, 2},
                                                {Kind::kShared, 1, 3, 1},
                                                {Kind::kIndex, 1, 4, 1},
                                                {Kind::kDamage, 0, 2, 1}});
  EXPECT_EQ(picture.units_per_cell, 1u);
  EXPECT_THAT(LooksOf(picture), ElementsAre(Look::kLabel, Look::kData, Look::kData, Look::kShared,
                                            Look::kIndex, Look::kUnused));
  EXPECT_FALSE(picture.cells[1].damaged);
  EXPECT_TRUE(picture.cells[2].damaged);
  EXPECT_EQ(picture.cells[1].session, 1u);
  ASSERT_EQ(picture.rows.size(), 1u);
  EXPECT_EQ(picture.rows[0].data, 2u);
  EXPECT_EQ(picture.rows[0].shared, 1u);
  EXPECT_EQ(picture.rows[0].index, 1u);
}

TEST(VolumePicture, ShowsIndexesAndDamageHoweverSmall) {
  const uint64_t units = uint64_t{VolumePicture::kMostCells} * 1000;
  const auto picture = DrawVolume(VolumeOf(units), {{Kind::kData, 1, 0, units - 1},
                                                    {Kind::kIndex, 1, units - 1, 1},
                                                    {Kind::kDamage, 0, 1500, 0}});
  ASSERT_EQ(picture.cells.size(), VolumePicture::kMostCells);
  EXPECT_EQ(picture.cells.back().look, Look::kIndex);
  EXPECT_EQ(picture.cells[1].look, Look::kData);
  EXPECT_TRUE(picture.cells[1].damaged);
  EXPECT_FALSE(picture.cells[2].damaged);
}

TEST(VolumePicture, IsBoundedWhateverTheCatalogueSays) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  const auto picture = DrawVolume(VolumeOf(1), {{Kind::kData, 1, kMost - 1, kMost},
                                                {Kind::kDamage, 0, kMost, kMost},
                                                {Kind::kData, 2, 0, kMost}});
  EXPECT_LE(picture.cells.size(), VolumePicture::kMostCells);
  EXPECT_TRUE(DrawVolume(VolumeOf(0), {}).cells.empty());
}

TEST(VolumePicture, BecomesOnePathForEachClass) {
  const auto picture = DrawVolume(
      VolumeOf(70), {{Kind::kData, 1, 0, 66}, {Kind::kData, 2, 66, 2}, {Kind::kDamage, 0, 65, 1}});
  std::vector<std::string> classes;
  std::vector<std::string> paths;
  for (const PictureShape& shape : ShapesOf(picture)) {
    classes.push_back(shape.style_class);
    paths.push_back(shape.path);
  }
  EXPECT_THAT(classes, ElementsAre("data even", "data odd", "unused", "damage"));
  EXPECT_THAT(paths, ElementsAre("M2 1h2v1h-2z", "M0 0h64v1h-64zM0 1h2v1h-2z", "M4 1h2v1h-2z",
                                 "M1.1 1.1l.8 .8M1.9 1.1l-.8 .8"));
}

}  // namespace
}  // namespace tapir::cli
