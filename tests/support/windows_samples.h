#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tapir/windows/backup_stream.h"
#include "tapir/windows/backup_stream_writer.h"
#include "tapir/windows/guid.h"

namespace tapir::test {

/// A GUID that differs with `number`, never zero.
Guid SampleGuid(uint8_t number);

/// The reparse buffer of a SIS link to the store file of SampleGuid(number).
std::string SampleSisReparse(uint8_t number, uint64_t store_reference = 0);

/// A well-formed self-relative security descriptor with both lists and an object entry.
std::string SampleSecurity();

/// Two extended attributes.
std::string SampleEa();

/// The bytes of one stream.
std::string StreamBytes(const BackupStreamHeader& header, std::string_view data);

/// The name field of a named stream: ":name:$DATA".
std::string StreamName(std::u16string_view name);

/// A file with every kind of stream, and the contents that SampleContents() gives.
BackupFile SampleBackupFile();
std::string SampleContents(size_t stream, uint64_t offset, size_t size);

/// All that a writer gives for the parts of `file`, with the contents of SampleContents().
std::string WriteSample(const BackupFile& file);

}  // namespace tapir::test
