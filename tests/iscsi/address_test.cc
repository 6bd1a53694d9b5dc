#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "iscsi/iscsi_transport.h"
#include "tests/support/status_matchers.h"

namespace tapir::iscsi {
namespace {

using test::HasCode;
using test::Value;

TEST(IscsiAddress, HasHostTargetAndUnit) {
  Address address = Value(ParseAddress("iscsi://127.0.0.1:3260/iqn.2026-01.test:t1/7"));
  EXPECT_EQ(address.portal, "127.0.0.1:3260");
  EXPECT_EQ(address.target, "iqn.2026-01.test:t1");
  EXPECT_EQ(address.lun, 7);
  EXPECT_EQ(Value(ParseAddress("iscsi://[::1]:3260/iqn.x/0")).portal, "[::1]:3260");
}

TEST(IscsiAddress, AnythingElseIsRefused) {
  for (const char* text :
       {"iscsi:", "iscsi://", "iscsi://host", "iscsi://host/iqn", "iscsi:///iqn/0",
        "iscsi://host//0", "iscsi://host/iqn/", "iscsi://host/iqn/x", "iscsi://host/iqn/-1",
        "iscsi://host/iqn/99999", "http://host/iqn/0"}) {
    EXPECT_THAT(ParseAddress(text), HasCode(StatusCode::kInvalidArgument)) << text;
  }
}

TEST(IscsiAddress, SecretsDoNotStandInIt) {
  Result<Address> refused = ParseAddress("iscsi://me%secret@host/iqn/0");
  EXPECT_THAT(refused, HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(refused.status().message().find("secret@"), std::string::npos);
}

TEST(IscsiCredentials, ComeFromAFileOrTheEnvironment) {
  EXPECT_FALSE(Value(FindCredentials()).has_value());
  setenv("TAPIR_ISCSI_CHAP_NAME", "me", 1);
  setenv("TAPIR_ISCSI_CHAP_SECRET", "twelve chars", 1);
  EXPECT_EQ(Value(FindCredentials())->secret, "twelve chars");
  std::string path = (std::filesystem::temp_directory_path() / "tapir-chap-test").string();
  std::ofstream(path) << "name word\n";
  setenv("TAPIR_ISCSI_CHAP_FILE", path.c_str(), 1);
  EXPECT_EQ(Value(FindCredentials())->name, "name") << "the file goes first";
  EXPECT_EQ(Value(FindCredentials())->secret, "word");
  std::ofstream(path) << "name\n";
  EXPECT_THAT(FindCredentials(), HasCode(StatusCode::kInvalidArgument));
  std::filesystem::remove(path);
  EXPECT_THAT(FindCredentials(), HasCode(StatusCode::kNotFound));
  unsetenv("TAPIR_ISCSI_CHAP_FILE");
  unsetenv("TAPIR_ISCSI_CHAP_NAME");
  unsetenv("TAPIR_ISCSI_CHAP_SECRET");
}

}  // namespace
}  // namespace tapir::iscsi
