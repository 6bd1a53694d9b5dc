#include "tests/support/windows_samples.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr std::string_view kSystemSid("\x01\x01\0\0\0\0\0\x05\x12\0\0\0", 12);

void PutAce(WriteCursor& write, uint8_t type, std::string_view between) {
  write.U8(type);
  write.U8(0);
  write.U16(static_cast<uint16_t>(8 + between.size() + kSystemSid.size()));
  write.U32(0x001F01FF);
  write.Text(between);
  write.Text(kSystemSid);
}

std::string AclOf(uint16_t count, const std::string& aces) {
  std::string acl;
  WriteCursor write(acl);
  write.U16(4);
  write.U16(static_cast<uint16_t>(8 + aces.size()));
  write.U16(count);
  write.U16(0);
  write.Text(aces);
  return acl;
}

void PutEa(WriteCursor& write, uint32_t next, uint8_t flags, std::string_view name,
           std::string_view value) {
  write.U32(next);
  write.U8(flags);
  write.U8(static_cast<uint8_t>(name.size()));
  write.U16(static_cast<uint16_t>(value.size()));
  write.Text(name);
  write.U8(0);
  write.Text(value);
}

}  // namespace

Guid SampleGuid(uint8_t number) {
  Guid guid;
  for (size_t i = 0; i < guid.size(); ++i) guid[i] = static_cast<std::byte>(number * 16 + i + 1);
  return guid;
}

std::string SampleSisReparse(uint8_t number, uint64_t store_reference) {
  std::string data;
  WriteCursor write(data);
  write.U32(5);
  write.U32(0);
  write.Bytes(SampleGuid(number));
  write.U64(1000);
  write.U64(0x0002000000000123);
  write.U64(store_reference);
  write.U64(0x1111111111111111);
  write.U64(0x2222222222222222);
  return Value(BuildReparse({.tag = kReparseTagSis, .data = AsBytes(data)}));
}

std::string SampleSecurity() {
  std::string allowed;
  WriteCursor write_allowed(allowed);
  PutAce(write_allowed, 0, {});
  PutAce(write_allowed, 5, std::string("\x01\0\0\0", 4) + std::string(16, 'g'));
  std::string audit;
  WriteCursor write_audit(audit);
  PutAce(write_audit, 2, {});
  const std::string dacl = AclOf(2, allowed);
  const std::string sacl = AclOf(1, audit);
  std::string bytes;
  WriteCursor write(bytes);
  write.U16(1);
  write.U16(0x8014);
  const auto after_head = uint32_t{20};
  const auto sid_bytes = static_cast<uint32_t>(kSystemSid.size());
  write.U32(after_head);
  write.U32(after_head + sid_bytes);
  write.U32(after_head + 2 * sid_bytes);
  write.U32(after_head + 2 * sid_bytes + static_cast<uint32_t>(sacl.size()));
  write.Text(kSystemSid);
  write.Text(kSystemSid);
  write.Text(sacl);
  write.Text(dacl);
  return bytes;
}

std::string SampleEa() {
  std::string bytes;
  WriteCursor write(bytes);
  PutEa(write, 20, 0, "FIRST", "value");
  write.PadTo(4);
  PutEa(write, 0, 0x80, "SECOND", "");
  return bytes;
}

std::string StreamBytes(const BackupStreamHeader& header, std::string_view data) {
  return EncodeBackupStreamHeader(header) + std::string(data);
}

std::string StreamName(std::u16string_view name) {
  const std::u16string whole = u":" + std::u16string(name) + u":$DATA";
  return std::string(AsText(std::as_bytes(std::span(whole))));
}

BackupFile SampleBackupFile() {
  BackupFile file;
  file.security = SampleSecurity();
  file.ea = SampleEa();
  file.object_id = std::string(64, 'o');
  file.ghosted = std::string(8, '\0');
  file.streams = {
      {.name = "",
       .size_bytes = 300000,
       .is_sparse = true,
       .allocated = {{65536, 70}, {131072, 9}}},
      {.name = "b", .size_bytes = 11},
      {.name = "a", .size_bytes = 400, .is_sparse = true},
      {.name = "full", .size_bytes = 50, .is_sparse = true, .allocated = {{0, 50}}},
      {.name = "empty"},
      {.name = "changing", .size_bytes = 3, .modified_when_read = true},
  };
  return file;
}

std::string SampleContents(size_t stream, uint64_t offset, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(1 + (offset + i) * 7 % 251 + stream);
  }
  return bytes;
}

std::string WriteSample(const BackupFile& file) {
  BackupStreamWriter writer(Value(CanonicalBackupParts(file)),
                            [](size_t stream, uint64_t offset, std::span<std::byte> into) {
                              const std::string bytes = SampleContents(stream, offset, into.size());
                              std::ranges::copy(AsBytes(bytes), into.begin());
                              return OkStatus();
                            });
  std::string bytes(writer.size_bytes(), '\0');
  bytes.resize(Value(writer.Read(std::as_writable_bytes(std::span(bytes)))));
  return bytes;
}

}  // namespace tapir::test
