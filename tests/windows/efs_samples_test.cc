#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "bytes/cursor.h"
#include "tapir/windows/efs_raw.h"
#include "tests/support/efs_samples.h"

namespace tapir {
namespace {

// $EFS of a directory, made by Windows.
TEST(EfsSamples, MetadataOfADirectory) {
  std::ifstream file(TAPIR_SAMPLES "/efs/real_efs_dir_metadata.bin", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  ASSERT_EQ(bytes.size(), 680u);
  const EfsMetadata metadata = ParseEfsMetadata(AsBytes(bytes));
  for (const Finding& finding : metadata.findings) ADD_FAILURE() << finding.text;
  EXPECT_EQ(metadata.version, 2u);
  EXPECT_EQ(GuidText(metadata.efs_id), "75997f24-c6e8-4894-a232-05f60f43c1b1");
  ASSERT_EQ(metadata.keys.size(), 1u);
  const EfsKeyEntry& key = metadata.keys[0];
  EXPECT_EQ(key.list, EfsKeyList::kUsers);
  EXPECT_EQ(key.flags, 0u);
  EXPECT_EQ(key.thumbprint, "aafb00ae8cb3f00aef0036885b03bbec94601118");
  EXPECT_EQ(key.sid, "S-1-5-21-1620117588-2531383995-660144854-1001");
  EXPECT_EQ(key.display_name, "MS(MS@LAPTOP-J6UFN4IQ)");
  EXPECT_EQ(key.container_name, "8b4429cb-0575-49f5-b913-0149a443835c");
  EXPECT_EQ(key.provider_name, "Microsoft Enhanced Cryptographic Provider v1.0");
  const EfsRawSummary summary = ValidateEfsRaw(AsBytes(test::ExportOf(bytes, {})));
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_EQ(summary.metadata.keys.size(), 1u);
}

}  // namespace
}  // namespace tapir
