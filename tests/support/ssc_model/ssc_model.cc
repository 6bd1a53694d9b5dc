#include "tests/support/ssc_model/ssc_model.h"

#include <algorithm>

#include "bytes/big_endian.h"

namespace tapir::test {
namespace {

// In which profiles a command is.
constexpr uint8_t kAll = 7;
constexpr uint8_t kLto = 1;
constexpr uint8_t kLtoAndMinimal = 3;
constexpr uint8_t kLtoAndTgt = 5;

// What moves the medium puts everything on it first.
bool PutsOnMedium(uint8_t code) {
  constexpr uint8_t kSuch[] = {0x01, 0x08, 0x11, 0x1B, 0x2B, 0x91, 0x92};
  return std::find(std::begin(kSuch), std::end(kSuch), code) != std::end(kSuch);
}

}  // namespace

std::span<const SscModel::Command> SscModel::Commands() {
  static constexpr Command kCommands[] = {
      {0x00, kAll, true, &SscModel::TestReady},
      {0x01, kAll, true, &SscModel::Rewind},
      {0x03, kAll, false, &SscModel::RequestSense},
      {0x04, kLto, true, &SscModel::Format},
      {0x05, kAll, false, &SscModel::BlockLimits},
      {0x08, kAll, true, &SscModel::Read},
      {0x0A, kAll, true, &SscModel::Write},
      {0x10, kAll, true, &SscModel::WriteMarks},
      {0x11, kAll, true, &SscModel::Space},
      {0x12, kAll, false, &SscModel::Inquiry},
      {0x15, kAll, false, &SscModel::ModeSelect},
      {0x19, kLtoAndMinimal, true, &SscModel::Erase},
      {0x1A, kAll, false, &SscModel::ModeSense},
      {0x1B, kAll, false, &SscModel::LoadUnload},
      {0x1E, kAll, false, &SscModel::Prevent},
      {0x2B, kLto, true, &SscModel::Locate},
      {0x34, kLtoAndTgt, true, &SscModel::ReadPosition},
      {0x44, kLto, false, &SscModel::Densities},
      {0x4D, kLto, false, &SscModel::Log},
      {0x55, kLto, false, &SscModel::ModeSelect},
      {0x5A, kLtoAndTgt, false, &SscModel::ModeSense},
      {0x80, kLto, true, &SscModel::WriteMarks},
      {0x82, kLto, true, &SscModel::AllowOverwrite},
      {0x8C, kLto, true, &SscModel::ReadAttributes},
      {0x8D, kLto, true, &SscModel::WriteAttributes},
      {0x91, kLto, true, &SscModel::Space},
      {0x92, kLto, true, &SscModel::Locate},
      {0xA3, kLto, false, &SscModel::ListCommands},
  };
  return kCommands;
}

SscModel::SscModel(ModelOptions options) : options_(options), medium_(options.capacity_bytes) {
  attentions_.push_back(0x2900);
}

bool SscModel::Has(const Command& command) const {
  if (command.opcode == 0xA3 && !options_.lists_commands) return false;
  return (command.profiles >> static_cast<int>(options_.profile) & 1) != 0;
}

void SscModel::Reset(uint64_t loses) {
  attentions_.push_back(0x2900);
  ++resets_;
  const uint64_t size = Here().size();
  Here().Truncate(std::max(std::min(sure_, size), size - std::min(size, loses)));
  position_ = 0;
  partition_ = 0;
  ResetModes();
}

void SscModel::ResetModes() {
  block_bytes_ = 0;
  compression_ = true;
  warning_zone_mb_ = 0;
  append_only_ = false;
  DropProtection();
}

ModelReply SscModel::BecomingReady() {
  ModelReply reply = Check(0x020401);
  if (tells_progress_) {
    reply.sense[15] = std::byte{0x80};
    StoreBe(reply.sense.data() + 16,
            static_cast<uint16_t>(65536u * (polls_ - polls_left_) / polls_));
  }
  --polls_left_;
  return reply;
}

ModelReply SscModel::Check(uint32_t sense, const SenseParts& parts) {
  ModelReply reply{.status = 0x02, .sense = std::vector<std::byte>(18), .length = parts.length};
  bool valid = parts.information.has_value();
  reply.sense[0] = static_cast<std::byte>((valid ? 0x80u : 0u) | (parts.deferred ? 0x71u : 0x70u));
  reply.sense[2] = static_cast<std::byte>((sense >> 16) | parts.flags);
  if (valid) StoreBe(reply.sense.data() + 3, static_cast<int32_t>(*parts.information));
  reply.sense[7] = std::byte{10};
  StoreBe(reply.sense.data() + 12, static_cast<uint16_t>(sense));
  return reply;
}

ModelReply SscModel::Give(const Call& call, std::span<const std::byte> data, size_t room) {
  size_t size = std::min({data.size(), room, call.in.size()});
  std::copy_n(data.begin(), size, call.in.begin());
  return Good(size);
}

ModelReply SscModel::Execute(std::span<const std::byte> cdb, std::span<const std::byte> data_out,
                             std::span<std::byte> data_in) {
  // A command shorter than its group asks for reads zeros.
  std::vector<std::byte> whole(cdb.begin(), cdb.end());
  whole.resize(16);
  Call call{.cdb = whole, .out = data_out, .in = data_in};
  ++commands_;
  history_.push_back(call.U8(0));
  return RunFaulty(call);
}

ModelFault* SscModel::FaultFor(uint8_t code) {
  for (ModelFault& fault : faults_) {
    bool fits = fault.times > 0 && (fault.opcode < 0 || fault.opcode == code) &&
                (fault.command == 0 || fault.command == commands_) && fault.resets <= resets_ &&
                (fault.object < 0 || static_cast<uint64_t>(fault.object) == position_);
    if (fits) return &fault;
  }
  return nullptr;
}

ModelReply SscModel::RunFaulty(const Call& call) {
  ModelFault* fault = FaultFor(call.U8(0));
  if (fault == nullptr) return Run(call);
  --fault->times;
  ModelReply reply;
  if (fault->executed) reply = Run(call);
  switch (fault->effect) {
    case ModelFault::Effect::kStatus: return {.status = fault->status};
    case ModelFault::Effect::kReset: Reset(fault->loses); return Run(call);
    case ModelFault::Effect::kMediumChange:
      AddAttention(0x2800);
      position_ = 0;
      partition_ = 0;
      return Run(call);
    case ModelFault::Effect::kFlipBit: {
      flip_bit_ = true;
      reply = Run(call);
      flip_bit_ = false;
      return reply;
    }
    case ModelFault::Effect::kShort:
      reply = Run(call);
      reply.length /= 2;
      std::fill(call.in.begin() + static_cast<ptrdiff_t>(reply.length), call.in.end(),
                std::byte{0});
      return reply;
    case ModelFault::Effect::kLinkLost: return {.link_lost = true};
    case ModelFault::Effect::kCheck: break;
  }
  return Check(fault->sense, {.flags = fault->flags,
                              .information = fault->information,
                              .length = reply.length,
                              .deferred = fault->deferred});
}

ModelReply SscModel::Run(const Call& call) {
  uint8_t code = call.U8(0);
  // INQUIRY and REQUEST SENSE go past what is pending.
  bool reports_attention = code != 0x12 && code != 0x03;
  if (reports_attention && !attentions_.empty()) {
    uint16_t attention = attentions_.front();
    attentions_.pop_front();
    return Check(0x060000u | attention);
  }
  if (PutsOnMedium(code)) sure_ = Here().size();
  for (const Command& command : Commands()) {
    if (command.opcode != code || !Has(command)) continue;
    if (command.needs_medium && !loaded_) return Check(0x023A00);
    if (command.needs_medium && !threaded_) return Check(0x020402);
    if (command.needs_medium && polls_left_ > 0) return BecomingReady();
    return (this->*command.run)(call);
  }
  return Check(0x052000);
}

bool SscModel::NearEnd(uint64_t zone_bytes) const {
  return Here().BytesBefore(position_) + zone_bytes >= Here().capacity_bytes();
}

}  // namespace tapir::test
