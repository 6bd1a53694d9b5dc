#include "tapir/device/tape_error.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

TEST(TapeError, SurvivesAnnotationAndCopying) {
  Status failure = TapeFailure(TapeError::kBusReset, "writing block 7");
  Status copy = failure.Annotate("/dev/nst0");
  EXPECT_EQ(TapeErrorOf(copy), TapeError::kBusReset);
  EXPECT_EQ(copy.message(), "/dev/nst0: writing block 7: bus reset");
}

TEST(TapeError, HasACodeForCallersWhoKnowNoTapes) {
  EXPECT_EQ(TapeFailure(TapeError::kNotSupported, "x").code(), StatusCode::kUnsupported);
  EXPECT_EQ(TapeFailure(TapeError::kEomOverflow, "x").code(), StatusCode::kEndOfMedium);
  EXPECT_EQ(TapeFailure(TapeError::kInvalidParameter, "x").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(TapeFailure(TapeError::kIoDevice, "x").code(), StatusCode::kDeviceError);
}

TEST(TapeError, OfWhatNoTapeFunctionSaid) {
  EXPECT_EQ(TapeErrorOf(OkStatus()), TapeError::kNone);
  EXPECT_EQ(TapeErrorOf(DeviceError("x")), TapeError::kIoDevice);
}

}  // namespace
}  // namespace tapir
