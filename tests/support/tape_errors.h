#pragma once

#include <gtest/gtest.h>

#include "tapir/device/tape_error.h"
#include "tests/support/status_matchers.h"

/// `expression` is a Status or Result of a tape function, `error` an enumerator of TapeError.
#define EXPECT_TAPE_ERROR(expression, error)                               \
  do {                                                                     \
    const tapir::Status tapir_failure = tapir::test::StatusOf(expression); \
    EXPECT_EQ(tapir::TapeErrorOf(tapir_failure), tapir::TapeError::error)  \
        << tapir_failure.ToString();                                       \
  } while (false)
