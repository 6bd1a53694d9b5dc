#include "tools/policy_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tapir/windows/policy_file.h"
#include "tools/foreign_target.h"

namespace tapir::cli {

namespace {

// Whether the name stands for something that policies are made of, and not for a volume.
bool IsPolicyPlace(const std::string& place) {
  if (IsNtfsName(place)) return true;
  struct stat info;
  if (::stat(place.c_str(), &info) != 0) return false;
  if (S_ISDIR(info.st_mode)) return true;
  if (!S_ISREG(info.st_mode)) return false;
  const int file = ::open(place.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  std::array<std::byte, kPolicyFileHeadBytes> head;
  const ssize_t got = ::read(file, head.data(), head.size());
  ::close(file);
  return got > 0 && DetectPolicyFile(std::span(head).first(static_cast<size_t>(got))) !=
                        PolicyFileKind::kUnknown;
}

}  // namespace

Result<std::vector<SessionPolicy>> ReadNamedPolicies(const std::vector<std::string>& places,
                                                     const PolicyArguments& arguments,
                                                     std::vector<Damage>& damages) {
  TAPIR_ASSIGN_OR_RETURN(PolicyOptions options, ReadingOptions(arguments));
  std::vector<PolicyTree> trees;
  std::vector<SessionPolicy> policies;
  for (const std::string& place : places) {
    if (!IsPolicyPlace(place)) {
      TAPIR_ASSIGN_OR_RETURN(std::vector<SessionPolicy> of_volume,
                             ReadPolicies(place, {.sessions = SessionChoice::kAll}, damages));
      std::ranges::move(of_volume, std::back_inserter(policies));
      continue;
    }
    TAPIR_ASSIGN_OR_RETURN(std::vector<PolicyTree> read, ReadPolicyPlace(place, options));
    std::ranges::move(read, std::back_inserter(trees));
  }
  if (!trees.empty()) {
    SessionPolicy together;
    together.manifest = DerivePolicy(trees, options);
    policies.insert(policies.begin(), std::move(together));
  }
  return policies;
}

}  // namespace tapir::cli
