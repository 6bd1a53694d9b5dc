#pragma once

#include <fcntl.h>

#include <cerrno>
#include <climits>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "device/st/st_calls.h"
#include "tests/device/device_test_support.h"

namespace tapir::st {

/// A drive with a cartridge as the st driver shows it, with the driver's habits. Outlives the
/// calls that are made to it.
struct FakeSt {
  struct Object {
    bool mark = false;
    Bytes data;
  };
  enum Eof { kNone, kMark, kEomOk, kEomError, kEod1, kEod2, kEod };
  enum class Last { kNothing, kRead, kWrite };
  /// What a write does that meets the early warning.
  enum class Warning { kNextUnsent, kSentWithError };

  std::vector<std::vector<Object>> parts{1};
  size_t part = 0;
  size_t next_part = 0;
  size_t at = 0;
  int file = 0;
  int block = 0;
  Eof eof = kNone;
  Last last = Last::kNothing;
  int block_size = 0;
  bool online = true;
  int becoming_ready = 0;  ///< online for who waits so often
  bool write_protected = false;
  bool may_set_options = true;
  bool unknown = false;      ///< after a reset that the driver noticed
  bool tells_state = false;  ///< MTIOCGET works all the same, as in later kernels
  bool locked = false;
  bool compresses = true;
  bool cleaning = false;
  size_t early = SIZE_MAX;  ///< blocks before the warning
  size_t full = SIZE_MAX;   ///< blocks that fit
  Warning warning = Warning::kNextUnsent;
  std::vector<int> open_flags;
  std::deque<int> open_errors;
  std::vector<std::pair<int, int>> operations;
  std::map<int, int> failing;  ///< operations that fail once, with errno
  int read_error = 0;          ///< once
  int write_error = 0;         ///< once
  int position_error = 0;      ///< once
  std::vector<int> compression;

  std::vector<Object>& here() { return parts[part]; }
  size_t Marks() {
    size_t marks = 0;
    for (const Object& object : here()) marks += object.mark;
    return marks;
  }
  void Reset() {
    unknown = true;
    at = 0;
    block_size = 0;
  }

  int Open(int flags) {
    open_flags.push_back(flags);
    if (!open_errors.empty()) {
      int error = open_errors.front();
      open_errors.pop_front();
      if (error != 0) return error;
    }
    bool waits = (flags & O_NONBLOCK) == 0;
    if (waits && becoming_ready > 0 && --becoming_ready == 0) online = true;
    if (!online && waits) return becoming_ready > 0 ? EIO : ENOMEDIUM;
    return write_protected && (flags & O_ACCMODE) == O_RDWR ? EROFS : 0;
  }
  void Close() {
    if (last == Last::kWrite && !unknown) PutMarks(1);
    last = Last::kNothing;
  }
  static int Take(int& error) { return std::exchange(error, 0); }

  ssize_t Read(std::span<std::byte> buffer) {
    if (unknown) return -EIO;
    if (!online) return -ENOMEDIUM;
    last = Last::kRead;
    if (int error = Take(read_error)) return -error;
    if (here().empty() && eof == kNone) return -EIO;
    if (eof >= kEod1) {
      if (eof == kEod) return -EIO;
      eof = static_cast<Eof>(eof + 1);
      return 0;
    }
    if (at >= here().size()) {
      eof = kEod2;
      return 0;
    }
    const Object& object = here()[at++];
    if (object.mark) {
      ++file;
      block = 0;
      eof = kMark;
      return 0;
    }
    eof = kNone;
    ++block;
    if (object.data.size() > buffer.size()) return -ENOMEM;
    std::copy(object.data.begin(), object.data.end(), buffer.begin());
    return static_cast<ssize_t>(object.data.size());
  }

  ssize_t Write(std::span<const std::byte> data) {
    if (unknown) return -EIO;
    if (!online) return -ENOMEDIUM;
    if (write_protected) return -EACCES;
    last = Last::kWrite;
    if (int error = Take(write_error)) return -error;
    if (eof == kEomOk) {
      eof = kEomError;
      return -ENOSPC;
    }
    if (at >= full) {
      eof = kEomError;
      return -ENOSPC;
    }
    here().resize(at);
    here().push_back({false, {data.begin(), data.end()}});
    ++at;
    ++block;
    eof = kNone;
    if (at < early) return static_cast<ssize_t>(data.size());
    if (warning == Warning::kSentWithError) {
      eof = kEomError;
      return -ENOSPC;
    }
    eof = kEomOk;
    return static_cast<ssize_t>(data.size());
  }

  void PutMarks(int count) {
    if (count > 0) here().resize(at);
    for (int i = 0; i < count; ++i) here().push_back({true, {}});
    at += static_cast<size_t>(count);
    file += count;
    block = 0;
  }

  int SpaceBlocks(int count) {
    for (; count > 0; --count, ++block) {
      if (at >= here().size()) {
        eof = kEod;
        return EIO;
      }
      if (here()[at++].mark) {
        ++file;
        block = 0;
        eof = kMark;
        return EIO;
      }
    }
    for (; count < 0; ++count) {
      block = -1;
      if (at == 0 || here()[--at].mark) return EIO;
    }
    return 0;
  }
  int SpaceMarks(int count) {
    while (count > 0) {
      if (at >= here().size()) {
        eof = kEod;
        return EIO;
      }
      if (here()[at++].mark) --count;
    }
    while (count < 0) {
      if (at == 0) return EIO;
      if (here()[--at].mark) ++count;
    }
    return 0;
  }
  int Seek(size_t to) {
    part = next_part;
    file = block = -1;
    eof = kNone;
    at = std::min(to, here().size());
    return to > here().size() ? EIO : 0;
  }

  int Operate(short operation, int count) {
    operations.push_back({operation, count});
    if (operation == MTSETDRVBUFFER) return may_set_options ? 0 : EPERM;
    if (auto found = failing.find(operation); found != failing.end()) {
      int error = found->second;
      failing.erase(found);
      return error;
    }
    bool regains = operation == MTREW || operation == MTOFFL || operation == MTRETEN ||
                   operation == MTERASE || operation == MTSEEK || operation == MTEOM;
    if (unknown && !regains) return EIO;
    if (std::exchange(unknown, false)) last = Last::kNothing;
    if (!online && operation != MTLOAD) return EIO;
    if (operation == MTOFFL) locked = false;
    bool ends_file =
        operation == MTREW || operation == MTOFFL || operation == MTSEEK || operation == MTBSF;
    if (last == Last::kWrite && ends_file) PutMarks(1);
    if (operation != MTSETBLK && operation != MTSETPART) last = Last::kNothing;
    return Run(operation, count);
  }

  int Run(short operation, int count) {
    switch (operation) {
      case MTREW:
      case MTRETEN: Seek(0); return file = block = 0;
      case MTSEEK: return Seek(static_cast<size_t>(count));
      case MTEOM:
        Seek(here().size());
        eof = kEod;
        return 0;
      case MTFSR: eof = kNone; return SpaceBlocks(count);
      case MTBSR: eof = kNone; return SpaceBlocks(-count);
      case MTFSF: eof = kNone; return SpaceMarks(count);
      case MTBSF: eof = kNone; return SpaceMarks(-count);
      case MTWEOF:
      case MTWEOFI:
        if (write_protected) return EACCES;
        PutMarks(count);
        return 0;
      case MTERASE: here().resize(at); return 0;
      case MTOFFL:
      case MTUNLOAD:
        if (locked) return EIO;
        online = false;
        return 0;
      case MTLOAD:
        online = true;
        Seek(0);
        return write_protected && (open_flags.back() & O_ACCMODE) == O_RDWR ? EROFS : 0;
      case MTLOCK: locked = true; return 0;
      case MTUNLOCK: locked = false; return 0;
      case MTSETBLK: block_size = count; return 0;
      case MTSETPART:
        if (static_cast<size_t>(count) >= parts.size()) return EINVAL;
        next_part = static_cast<size_t>(count);
        return 0;
      case MTMKPART:
        parts.assign(count == 0 ? 1 : 2, {});
        part = next_part = at = 0;
        return 0;
      case MTCOMPRESSION: compression.push_back(count); return compresses ? 0 : EIO;
      default: return EINVAL;
    }
  }

  int Ask(mtget& state) {
    if (unknown && !tells_state) return EIO;
    state = {};
    state.mt_resid = static_cast<long>(part);
    state.mt_dsreg = block_size | 0x5EL << MT_ST_DENSITY_SHIFT;
    state.mt_fileno = unknown ? -1 : file;
    state.mt_blkno = unknown ? -1 : block;
    long bits = online ? 0x01000000 : becoming_ready > 0 ? 0 : 0x00040000;
    if (write_protected) bits |= 0x04000000;
    if (eof >= kEod1) bits |= 0x08000000;
    if (cleaning) bits |= 0x00008000;
    state.mt_gstat = bits;
    return 0;
  }
  int AskPosition(mtpos& position) {
    if (int error = Take(position_error)) return error;
    if (unknown || !online) return EIO;
    position.mt_blkno = static_cast<long>(at);
    return 0;
  }
};

class FakeCalls final : public StCalls {
 public:
  explicit FakeCalls(FakeSt& fake) : fake_(fake) {}
  ~FakeCalls() override { fake_.Close(); }
  int Open(int flags) override { return fake_.Open(flags); }
  ssize_t Read(std::span<std::byte> buffer) override { return fake_.Read(buffer); }
  ssize_t Write(std::span<const std::byte> data) override { return fake_.Write(data); }
  int Operate(short operation, int count) override { return fake_.Operate(operation, count); }
  int Ask(mtget& state) override { return fake_.Ask(state); }
  int AskPosition(mtpos& position) override { return fake_.AskPosition(position); }

 private:
  FakeSt& fake_;
};

}  // namespace tapir::st
