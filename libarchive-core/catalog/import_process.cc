#include "catalog/import_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace tapir::catalog {
namespace {

std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  return text.empty() ? "unknown" : text;
}

// A container may share the machine's identity, but not its processes' numbers.
std::string ThisMachine() {
  char space[64];
  const ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space);
  const std::string numbers(space, length > 0 ? static_cast<size_t>(length) : 0);
  return FirstLine("/etc/machine-id") + "/" + numbers;
}

std::string ThisBoot() { return FirstLine("/proc/sys/kernel/random/boot_id"); }

// Clock ticks since the machine was started; empty if there is no such process.
std::string StartOf(const std::string& process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(file, text);
  // The second field is a name in parentheses, which may hold anything; starttime is the 22nd.
  constexpr int kFieldsBetween = 19;
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int i = 0; i <= kFieldsBetween; ++i) fields >> field;
  return field;
}

}  // namespace

std::string NameOfThisProcess() {
  const std::string process = std::to_string(getpid());
  return fmt::format("{} {} {} {}", ThisMachine(), ThisBoot(), process, StartOf(process));
}

bool MayBeRunning(const std::string& process) {
  std::istringstream fields(process);
  std::string machine;
  std::string boot;
  std::string number;
  std::string start;
  fields >> machine >> boot >> number >> start;
  if (machine != ThisMachine()) return true;
  return boot == ThisBoot() && !start.empty() && StartOf(number) == start;
}

}  // namespace tapir::catalog
