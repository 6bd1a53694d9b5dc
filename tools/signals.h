#pragma once

#include <atomic>

namespace tapir::cli {

/// Makes the first SIGINT, SIGTERM or SIGHUP set the flag that StopRequested gives, and the second
/// one kill. Signals that whoever started us ignores stay ignored. SIGPIPE is ignored: writing
/// fails instead.
void CatchSignals();

/// Set once by a signal, never reset.
const std::atomic<bool>& StopRequested();

/// Opens what is closed of the descriptors 0, 1 and 2 in such a way that using it fails: a volume
/// must never become standard output.
void OccupyStandardDescriptors();

}  // namespace tapir::cli
