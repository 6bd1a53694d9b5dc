#include "device/vtape/side_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "bytes/cursor.h"
#include "device/transfer.h"

namespace tapir::vtape {
namespace {

constexpr std::string_view kFirstLine = "tapir-virtual-tape 1";
constexpr std::string_view kLastLine = "end";
constexpr const char* kFreshSuffix = ".new";

using Kind = VirtualTapeFault::Kind;
constexpr std::array<Kind, 7> kFaultKinds = {
    Kind::kBadBlock, Kind::kWriteError, Kind::kShortWrite, Kind::kLostPosition,
    Kind::kReset,    Kind::kReadOnly,   Kind::kSlow};

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (char character : bytes) {
    const auto byte = static_cast<unsigned char>(character);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

bool ParseHex(const std::string& hex, std::string& bytes) {
  if (hex.size() % 2 != 0) return false;
  for (size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    for (char digit : {hex[i], hex[i + 1]}) {
      size_t found = std::string_view("0123456789abcdef").find(digit);
      if (found == std::string_view::npos) return false;
      value = value * 16 + static_cast<unsigned>(found);
    }
    bytes += static_cast<char>(value);
  }
  return true;
}

bool ReadFault(std::istream& line, std::vector<VirtualTapeFault>& faults) {
  std::string kind;
  VirtualTapeFault fault;
  line >> kind >> fault.partition >> fault.object;
  for (Kind known : kFaultKinds) {
    if (VirtualTapeFaultName(known) != kind) continue;
    fault.kind = known;
    faults.push_back(fault);
    return true;
  }
  return false;
}

bool ReadAttributeLine(std::istream& line, SideFile& side) {
  uint32_t partition = 0;
  uint16_t id = 0;
  std::string hex;
  std::string value;
  line >> partition >> std::hex >> id >> std::dec >> hex;
  if (!line || !ParseHex(hex, value)) return false;
  side.attributes[{partition, id}] = value;
  return true;
}

template <typename T>
auto Into(T& field) {
  return [&field](std::istream& line) { return static_cast<bool>(line >> field); };
}

using Parser = std::function<bool(std::istream&)>;

std::map<std::string, Parser> ParsersFor(SideFile& side) {
  return {
      {"profile", Into(side.profile)},
      {"early-warning-bytes", Into(side.early_warning_bytes)},
      {"write-protected", Into(side.write_protected)},
      {"worm", Into(side.worm)},
      {"loaded", Into(side.loaded)},
      {"locked", Into(side.locked)},
      {"compression", Into(side.compression)},
      {"report-setmarks", Into(side.report_setmarks)},
      {"block-bytes", Into(side.block_bytes)},
      {"change-reference", Into(side.change_reference)},
      {"partition-bytes",
       [&side](std::istream& line) {
         uint64_t bytes = 0;
         bool read = static_cast<bool>(line >> bytes);
         if (read) side.partition_bytes.push_back(bytes);
         return read;
       }},
      {"position",
       [&side](std::istream& line) {
         return static_cast<bool>(line >> side.partition >> side.object);
       }},
      {"setmark",
       [&side](std::istream& line) {
         std::pair<uint32_t, uint64_t> place;
         bool read = static_cast<bool>(line >> place.first >> place.second);
         if (read) side.setmarks.insert(place);
         return read;
       }},
      {"attribute", [&side](std::istream& line) { return ReadAttributeLine(line, side); }},
      {"fault", [&side](std::istream& line) { return ReadFault(line, side.faults); }},
      {"model",
       [&side](std::istream& line) {
         ModelTimes& times = side.times;
         return static_cast<bool>(line >> times.total_s >> times.moving_s >> times.streaming_s >>
                                  times.hitching_s >> times.back_hitches >> times.locates);
       }},
  };
}

std::string Text(const SideFile& side) {
  std::ostringstream out;
  out << kFirstLine << "\nprofile " << side.profile << "\n";
  for (uint64_t bytes : side.partition_bytes) out << "partition-bytes " << bytes << "\n";
  out << "early-warning-bytes " << side.early_warning_bytes << "\n";
  out << "write-protected " << side.write_protected << "\n";
  out << "worm " << side.worm << "\n";
  out << "loaded " << side.loaded << "\n";
  out << "locked " << side.locked << "\n";
  out << "compression " << side.compression << "\n";
  out << "report-setmarks " << side.report_setmarks << "\n";
  out << "block-bytes " << side.block_bytes << "\n";
  out << "change-reference " << side.change_reference << "\n";
  out << "position " << side.partition << " " << side.object << "\n";
  for (const auto& [partition, object] : side.setmarks) {
    out << "setmark " << partition << " " << object << "\n";
  }
  for (const auto& [where, value] : side.attributes) {
    out << "attribute " << where.first << " " << std::hex << where.second << std::dec << " "
        << Hex(value) << "\n";
  }
  for (const VirtualTapeFault& fault : side.faults) {
    out << "fault " << VirtualTapeFaultName(fault.kind) << " " << fault.partition << " "
        << fault.object << "\n";
  }
  const ModelTimes& times = side.times;
  out << "model " << times.total_s << " " << times.moving_s << " " << times.streaming_s << " "
      << times.hitching_s << " " << times.back_hitches << " " << times.locates << "\n";
  for (const std::string& line : side.unknown_lines) out << line << "\n";
  out << kLastLine << "\n";
  return out.str();
}

Result<SideFile> ReadText(const std::string& path) {
  std::ifstream file(path);
  if (!file) return NotFound("no '" + path + "'");
  SideFile side;
  std::map<std::string, Parser> parsers = ParsersFor(side);
  std::string text;
  if (!std::getline(file, text) || text != kFirstLine) {
    return Corrupt("'" + path + "' is no side file of a virtual tape");
  }
  for (size_t number = 2; std::getline(file, text); ++number) {
    if (text == kLastLine) return side;
    std::istringstream line(text);
    std::string word;
    line >> word;
    auto parser = parsers.find(word);
    if (parser == parsers.end()) {
      side.unknown_lines.push_back(text);
    } else if (!parser->second(line)) {
      return Corrupt("'" + path + "', line " + std::to_string(number) + ": cannot be read");
    }
  }
  return Corrupt("'" + path + "' is cut off");
}

Status WriteText(const std::string& path, const std::string& text) {
  const std::string doing = "cannot write '" + path + "'";
  Descriptor file = internal::OpenDescriptor(path, O_WRONLY | O_CREAT);
  if (!file) return Status::FromErrno(errno, doing);
  internal::TransferResult wrote = internal::WriteAt(file.get(), AsBytes(text), 0);
  if (wrote.error != 0) return Status::FromErrno(wrote.error, doing);
  bool cut = ftruncate(file.get(), static_cast<off_t>(text.size())) == 0;
  if (!cut || fsync(file.get()) != 0) return Status::FromErrno(errno, doing);
  const int error = file.Close();
  return error == 0 ? OkStatus() : Status::FromErrno(error, doing);
}

}  // namespace

Result<SideFile> SideFile::Read(const std::string& path) {
  // A write that was cut off after it had put away the new text is finished by reading that.
  Result<SideFile> fresh = ReadText(path + kFreshSuffix);
  return fresh.ok() ? std::move(fresh) : ReadText(path);
}

// The file keeps its inode, by which it is known as part of the volume.
Status SideFile::Write(const std::string& path) const {
  const std::string text = Text(*this);
  const std::string fresh = path + kFreshSuffix;
  TAPIR_RETURN_IF_ERROR(WriteText(fresh, text));
  TAPIR_RETURN_IF_ERROR(WriteText(path, text));
  if (unlink(fresh.c_str()) == 0) return OkStatus();
  return Status::FromErrno(errno, "cannot remove '" + fresh + "'");
}

}  // namespace tapir::vtape
