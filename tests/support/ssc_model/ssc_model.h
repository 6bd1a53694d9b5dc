#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/support/ssc_model/model_medium.h"

namespace tapir::test {

enum class ModelProfile {
  kLto,      ///< all there is
  kMinimal,  ///< commands of the first SCSI tapes: no LOCATE, READ POSITION, logs, memory
  kTgt,      ///< an iSCSI target of wide use, with its defects
};

struct ModelOptions {
  ModelProfile profile = ModelProfile::kLto;
  uint64_t capacity_bytes = 64u << 20;
  uint64_t early_warning_bytes = 4u << 20;  ///< from there to the end
  uint32_t max_block_bytes = 8u << 20;
  bool block_protection = true;  ///< has the mode page for it
  bool lists_commands = true;    ///< REPORT SUPPORTED OPERATION CODES; kLto only
};

/// Something that goes wrong, `times` times, with commands that fit all conditions given.
struct ModelFault {
  enum class Effect {
    kCheck,         ///< CHECK CONDITION with `sense`
    kStatus,        ///< `status`, without sense
    kReset,         ///< a unit attention 29h; settings and position are lost
    kMediumChange,  ///< a unit attention 28h; the drive stands at the beginning
    kShort,         ///< only half of the data gets here
    kFlipBit,       ///< one bit of the data changes on the way
    kLinkLost,      ///< the transport fails
  };
  Effect effect = Effect::kCheck;
  int opcode = -1;       ///< -1: of any command
  uint64_t command = 0;  ///< the how-manyth command since the model was made, from 1; 0: any
  uint64_t resets = 0;   ///< there were so many resets at least
  int64_t object = -1;   ///< standing before this object; -1: anywhere
  uint32_t times = 1;
  uint32_t sense = 0;  ///< key, asc, ascq: 0x031100
  uint8_t flags = 0;   ///< 80h filemark, 40h EOM, 20h ILI
  bool deferred = false;
  bool executed = false;  ///< the command is carried out all the same
  uint64_t loses = 0;     ///< objects that a reset takes, as far as no barrier made sure of them
  std::optional<int64_t> information;
  uint8_t status = 0x08;
};

struct ModelReply {
  uint8_t status = 0;
  std::vector<std::byte> sense;  ///< fixed format
  size_t length = 0;             ///< bytes moved into the buffer, or taken out of it
  bool link_lost = false;
};

/// A SCSI tape drive with one cartridge, in memory: commands and data in, status, sense and data
/// out. Knows nothing of the code it is to test. Not thread-safe.
class SscModel {
 public:
  explicit SscModel(ModelOptions options = {});

  /// `data_in` is filled as far as the reply says.
  ModelReply Execute(std::span<const std::byte> cdb, std::span<const std::byte> data_out,
                     std::span<std::byte> data_in);

  ModelMedium& medium() { return medium_; }
  uint64_t position() const { return position_; }
  size_t partition() const { return partition_; }
  uint64_t commands() const { return commands_; }
  /// Opcodes of all commands so far.
  const std::vector<uint8_t>& history() const { return history_; }
  bool protects_on_read() const { return protect_read_; }
  bool protects_on_write() const { return protect_write_; }
  uint32_t block_bytes() const { return block_bytes_; }

  void AddFault(ModelFault fault) { faults_.push_back(fault); }
  void ClearFaults() { faults_.clear(); }
  /// A unit attention for the next command, e.g. 0x2A01.
  void AddAttention(uint16_t code) { attentions_.push_back(code); }
  /// As many of the last objects are lost, as far as no barrier made sure of them.
  void Reset(uint64_t loses = 0);
  /// The medium goes out or comes in as if by hand.
  void SetLoaded(bool loaded) { loaded_ = loaded; }
  /// The cartridge is in the drive and not loaded (2/04/02); from LOAD on the drive says `polls`
  /// times that it is becoming ready.
  void SetUnthreaded(uint32_t polls) {
    threaded_ = false;
    polls_ = polls;
  }
  /// So many times from now on the drive says that it is becoming ready.
  void SetBecomingReady(uint32_t polls) { polls_ = polls_left_ = polls; }
  /// Progress is told while it does.
  void SetTellsProgress(bool tells) { tells_progress_ = tells; }
  void SetRevision(const std::string& four) { revision_ = four; }
  void SetMaxBlockBytes(uint32_t bytes) { options_.max_block_bytes = bytes; }
  /// Mode parameters become what they are after a reset, without a word.
  void ResetModes();
  /// The mode in which only what ALLOW OVERWRITE named is written over.
  void SetAppendOnly(bool on) { append_only_ = on; }
  void SetAlert(uint8_t flag) { alerts_ |= uint64_t{1} << (flag - 1); }
  /// Loses the setting without a word, as after a reset that somebody else was told of.
  void DropProtection() { protect_read_ = protect_write_ = false; }

 private:
  // Flags of the third byte of sense data.
  static constexpr uint8_t kFilemark = 0x80;
  static constexpr uint8_t kEom = 0x40;

  struct Call {
    std::span<const std::byte> cdb;
    std::span<const std::byte> out;
    std::span<std::byte> in;

    uint8_t U8(size_t at) const { return std::to_integer<uint8_t>(cdb[at]); }
    bool Bit(size_t at, unsigned mask) const { return (U8(at) & mask) != 0; }
  };
  struct Command {
    uint8_t opcode;
    uint8_t profiles;  // in which it is
    bool needs_medium;
    ModelReply (SscModel::*run)(const Call&);
  };
  struct SenseParts {
    uint8_t flags = 0;
    std::optional<int64_t> information;
    size_t length = 0;
    bool deferred = false;
  };

  static std::span<const Command> Commands();
  static ModelReply Check(uint32_t sense, const SenseParts& parts);
  static ModelReply Check(uint32_t sense) { return Check(sense, SenseParts()); }
  ModelReply BecomingReady();
  static ModelReply Good(size_t length = 0) { return {.length = length}; }
  static ModelReply BadField() { return Check(0x052400); }
  static ModelReply Give(const Call& call, std::span<const std::byte> data, size_t room);
  bool is(ModelProfile profile) const { return options_.profile == profile; }
  bool Has(const Command& command) const;

  ModelReply Run(const Call& call);
  ModelReply RunFaulty(const Call& call);
  ModelFault* FaultFor(uint8_t code);

  // Data.
  ModelReply Read(const Call& call);
  ModelReply ReadVariable(const Call& call, uint32_t asked);
  ModelReply ReadFixed(const Call& call, uint32_t count);
  ModelReply Write(const Call& call);
  ModelReply WriteMarks(const Call& call);
  std::optional<ModelReply> RefuseWriting();
  std::optional<ModelReply> RefuseOverwriting(bool mark);
  ModelReply AfterWriting();
  std::vector<std::byte> Outgoing(const std::vector<std::byte>& data) const;
  ModelReply Erase(const Call& call);
  // Motion.
  ModelReply Rewind(const Call& call);
  ModelReply Space(const Call& call);
  ModelReply SpaceBlocks(int64_t count);
  ModelReply SpaceMarks(int64_t count);
  ModelReply Locate(const Call& call);
  ModelReply LocateObject(size_t partition, uint64_t object);
  ModelReply ReadPosition(const Call& call);
  ModelReply LoadUnload(const Call& call);
  ModelReply Prevent(const Call& call);
  ModelReply Format(const Call& call);
  // What the drive says of itself.
  ModelReply TestReady(const Call& call);
  ModelReply RequestSense(const Call& call);
  ModelReply Inquiry(const Call& call);
  ModelReply BlockLimits(const Call& call);
  ModelReply Densities(const Call& call);
  ModelReply ListCommands(const Call& call);
  ModelReply Log(const Call& call);
  ModelReply ReadAttributes(const Call& call);
  ModelReply WriteAttributes(const Call& call);
  ModelReply AllowOverwrite(const Call& call);
  // Modes.
  ModelReply ModeSense(const Call& call);
  ModelReply ModeSelect(const Call& call);
  std::optional<std::vector<std::byte>> ModePage(uint8_t page, uint8_t subpage) const;
  bool SetModePage(std::span<const std::byte> page);

  ModelPartition& Here() { return medium_.partitions[partition_]; }
  const ModelPartition& Here() const { return medium_.partitions[partition_]; }
  bool NearEnd(uint64_t zone_bytes) const;

  ModelOptions options_;
  ModelMedium medium_;
  bool loaded_ = true;
  bool threaded_ = true;
  uint32_t polls_ = 0;
  uint32_t polls_left_ = 0;
  bool tells_progress_ = true;
  std::string revision_ = "1.00";
  bool locked_ = false;
  size_t partition_ = 0;
  uint64_t position_ = 0;
  uint64_t sure_ = 0;  // objects of the current partition that are on the medium
  uint32_t block_bytes_ = 0;
  bool compression_ = true;
  uint16_t warning_zone_mb_ = 0;
  bool append_only_ = false;
  std::optional<uint64_t> overwrite_at_;  // once
  bool format_allowed_ = false;           // once
  bool warned_ = false;                   // of the programmed zone, once
  bool protect_read_ = false;
  bool protect_write_ = false;
  std::vector<std::byte> partition_page_;  // as last selected, for FORMAT MEDIUM
  uint64_t alerts_ = 0;
  std::deque<uint16_t> attentions_;
  std::vector<ModelFault> faults_;
  bool flip_bit_ = false;
  uint64_t commands_ = 0;
  uint64_t resets_ = 0;
  std::vector<uint8_t> history_;
};

}  // namespace tapir::test
