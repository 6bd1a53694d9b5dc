#include "tapir/base/status.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

TEST(Status, SuccessIsOnePointer) {
  EXPECT_EQ(sizeof(Status), sizeof(void*));
  EXPECT_TRUE(OkStatus().ok());
  EXPECT_EQ(OkStatus().code(), StatusCode::kOk);
  EXPECT_EQ(OkStatus().ToString(), "ok");
  EXPECT_EQ(OkStatus().message(), "");
}

TEST(Status, EachCodeHasItsNameAndMaker) {
  const Status all[] = {InvalidArgument("m"), NotFound("m"),    Exists("m"),    Foreign("m"),
                        Unsupported("m"),     Corrupt("m"),     Truncated("m"), LimitExceeded("m"),
                        DeviceError("m"),     EndOfMedium("m"), Busy("m"),      Cancelled("m"),
                        Internal("m")};
  for (size_t i = 0; i < std::size(all); ++i) {
    EXPECT_EQ(all[i].code(), static_cast<StatusCode>(i + 1));
    EXPECT_EQ(all[i].ToString(), std::string(StatusCodeName(all[i].code())) + ": m");
    for (size_t j = 0; j < i; ++j) {
      EXPECT_NE(StatusCodeName(all[i].code()), StatusCodeName(all[j].code()));
    }
  }
}

TEST(Status, CopiesAreIndependentAndKeepErrno) {
  Status first = Status::FromErrno(ENOSPC, "cannot write");
  Status copy = first;
  copy = std::move(copy).Annotate("block 7");
  EXPECT_EQ(copy.sys_errno(), ENOSPC);
  EXPECT_TRUE(copy.message().starts_with("block 7: cannot write: ")) << copy.message();
  EXPECT_TRUE(first.message().starts_with("cannot write: "));
  first = first.Annotate("x");
  EXPECT_TRUE(first.message().starts_with("x: cannot write"));
  Status& same = copy;
  copy = same;
  EXPECT_EQ(copy.code(), StatusCode::kDeviceError);
  EXPECT_TRUE(OkStatus().Annotate("nothing").ok());
}

Result<std::unique_ptr<int>> Make(bool well) {
  if (!well) return Corrupt("no value");
  return std::make_unique<int>(5);
}

Status Use(bool well, int& out) {
  TAPIR_RETURN_IF_ERROR(OkStatus());
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<int> value, Make(well));
  out = *value;
  return OkStatus();
}

TEST(Result, CarriesMoveOnlyValuesOrTheFailure) {
  int out = 0;
  EXPECT_THAT(Use(true, out), IsOk());
  EXPECT_EQ(out, 5);
  out = 0;
  EXPECT_THAT(Use(false, out), HasCode(StatusCode::kCorrupt));
  EXPECT_EQ(out, 0);
  EXPECT_EQ(**Make(true), 5);
  EXPECT_EQ(Make(false).status().message(), "no value");
}

}  // namespace
}  // namespace tapir::test
