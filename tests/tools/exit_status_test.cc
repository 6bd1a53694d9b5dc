#include "tools/exit_status.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tapir/base/status.h"

namespace tapir::cli {
namespace {

TEST(ExitStatus, FollowsTheCode) {
  EXPECT_EQ(ExitStatusOf(OkStatus()), 0);
  EXPECT_EQ(ExitStatusOf(InvalidArgument("x")), 2);
  EXPECT_EQ(ExitStatusOf(Corrupt("x")), 3);
  EXPECT_EQ(ExitStatusOf(Truncated("x")), 3);
  EXPECT_EQ(ExitStatusOf(LimitExceeded("x")), 3);
  EXPECT_EQ(ExitStatusOf(NotFound("x")), 4);
  EXPECT_EQ(ExitStatusOf(Exists("x")), 4);
  EXPECT_EQ(ExitStatusOf(DeviceError("x")), 4);
  EXPECT_EQ(ExitStatusOf(EndOfMedium("x")), 4);
  EXPECT_EQ(ExitStatusOf(Busy("x")), 4);
  EXPECT_EQ(ExitStatusOf(Internal("x")), 4);
  EXPECT_EQ(ExitStatusOf(Foreign("x")), 5);
  EXPECT_EQ(ExitStatusOf(Unsupported("x")), 5);
  EXPECT_EQ(ExitStatusOf(Cancelled("x")), 130);
  EXPECT_EQ(ExitStatusOf(Status::FromErrno(EIO, "x")), 4);
  EXPECT_EQ(ExitStatusOf(Status::FromErrno(EPIPE, "x")), 141);
}

TEST(ExitStatus, FailureBeforeForeignBeforeDamageBeforeWarnings) {
  EXPECT_EQ(Graver(kExitFailure, kExitForeign), kExitFailure);
  EXPECT_EQ(Graver(kExitForeign, kExitDamage), kExitForeign);
  EXPECT_EQ(Graver(kExitWarnings, kExitDamage), kExitDamage);
  EXPECT_EQ(Graver(kExitWarnings, kExitDone), kExitWarnings);
  EXPECT_EQ(Graver(kExitDone, kExitDone), kExitDone);
}

}  // namespace
}  // namespace tapir::cli
