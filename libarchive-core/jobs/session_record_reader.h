#pragma once

#include <cstdint>
#include <functional>

#include "jobs/session_choice.h"
#include "object/decoded_reader.h"
#include "object/object_assembler.h"

namespace tapir {

/// Reads the data section of one session forward on a device that can locate, and tells a sink the
/// objects it is made of. Digests of contents are not checked. Single-thread, but for decoding.
class SessionRecordReader {
 public:
  struct Options {
    ThreadPool* pool = nullptr;
    /// Whether objects first..first+count-1 are of interest; chunks without such are passed over
    /// unexpanded. Empty: all are. Called on the reading thread.
    std::function<bool(uint64_t first, uint64_t count)> wants;
  };

  /// References must outlive this; the device must not be moved by others meanwhile.
  SessionRecordReader(BlockDevice& device, const Label& label, const SessionPlace& session,
                      const Options& options, ObjectSink& sink);

  /// Goes on by a chunk. False: the session's data is over. Failures are the device's or the
  /// sink's.
  Result<bool> Step();

  uint64_t bytes_read() const { return chunks_.bytes_read(); }

 private:
  Result<ChunkEvent> NextWanted();

  SessionPlace session_;
  Options options_;
  ObjectSink& sink_;
  ChunkReader chunks_;
  DecodedReader decoded_;
  ObjectAssembler assembler_;
  bool started_ = false;
};

}  // namespace tapir
