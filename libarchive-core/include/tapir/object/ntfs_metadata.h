#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tapir {

/// File attributes of Windows that Tapir itself reads ([MS-FSCC] 2.6).
inline constexpr uint32_t kWindowsReadOnly = 0x1;
inline constexpr uint32_t kWindowsDirectory = 0x10;
inline constexpr uint32_t kWindowsSparse = 0x200;
inline constexpr uint32_t kWindowsReparsePoint = 0x400;
inline constexpr uint32_t kWindowsCompressed = 0x800;
inline constexpr uint32_t kWindowsEncrypted = 0x4000;

/// What a data stream is beside its bytes (format chapter 11.1).
struct NtfsStream {
  uint32_t number = 0;  ///< as in the object
  bool sparse = false;
  bool compressed = false;
  /// The bytes archived are its ciphertext, as far as `valid_bytes` rounded up to 512.
  bool encrypted = false;
  uint64_t size = 0;         ///< bytes
  uint64_t valid_bytes = 0;  ///< valid data length: what lies behind it reads as zeros

  bool is_plain() const { return !sparse && !compressed && !encrypted && valid_bytes == size; }
  friend bool operator==(const NtfsStream&, const NtfsStream&) = default;
};

/// What a file is to the Single Instance Store of its volume (format chapter 11.4).
enum class SisRole : uint8_t {
  kNone = 0,
  kLink = 1,
  kCommonStoreFile = 2,
  kInternalFile = 3,  ///< of the store, archived always
  kOtherFile = 4,     ///< of the store, archived because a link could not be paired
};

/// How a link's common-store file was found.
enum class SisPairing : uint8_t {
  kNone = 0,
  kFileReference = 1,
  kName = 2,
  kOrphan = 3,  ///< what it names is not in the store
  kOpaque = 4,  ///< its reparse data are not of the layout that is known
};

struct SisMembership {
  SisRole role = SisRole::kNone;
  SisPairing pairing = SisPairing::kNone;  ///< of links
  std::vector<std::string> files;          ///< of links: paths of the common-store files it needs
  friend bool operator==(const SisMembership&, const SisMembership&) = default;
};

/// What NTFS keeps of a file or directory beside names and contents (format chapter 11). Plain
/// value; byte strings are as on the volume.
struct NtfsMetadata {
  uint32_t file_attributes = 0;
  /// 100 ns since 1601-01-01.
  uint64_t creation_time = 0;
  uint64_t modification_time = 0;
  uint64_t change_time = 0;  ///< of the MFT record
  uint64_t access_time = 0;
  uint64_t file_reference = 0;      ///< record number, low 48 bits, and sequence number
  std::string short_name;           ///< of this name, WTF-8; empty: none
  std::string security_descriptor;  ///< self-relative; empty: none
  std::string object_id;            ///< 16 to 64 bytes; empty: none
  std::string extended_attributes;  ///< a FILE_FULL_EA_INFORMATION list; empty: none
  std::string reparse_data;         ///< a whole reparse buffer; empty: none
  /// The $EFS attribute of an encrypted object ([MS-EFSR] 2.2.2); empty: none. At most 256 KiB.
  std::string efs_metadata;
  SisMembership sis;
  std::vector<NtfsStream> streams;  ///< ascending by number; those that are not plain

  /// Of a reparse point, else 0.
  uint32_t reparse_tag() const;
  /// Of a stream that is not plain, else null.
  const NtfsStream* stream(uint32_t number) const;
  friend bool operator==(const NtfsMetadata&, const NtfsMetadata&) = default;
};

}  // namespace tapir
