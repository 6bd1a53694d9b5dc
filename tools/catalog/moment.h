#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/base/timestamp.h"
#include "tapir/catalog/records.h"

namespace tapir::cli {

/// Which sessions of a set are looked at; without either, all of them.
struct SessionMoment {
  std::optional<uint32_t> number;
  std::optional<Timestamp> at;
};

/// --session, --at.
void AddSessionMoment(CLI::App& app, SessionMoment& moment);

/// Those of `sessions` that are meant, in the same order. kNotFound if none is.
Result<std::vector<const catalog::Session*>> SessionsAt(
    std::vector<const catalog::Session*> sessions, const SessionMoment& moment);

}  // namespace tapir::cli
