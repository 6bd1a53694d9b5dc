#pragma once

#include <string>

namespace tapir::fuzz {

/// Gives up every privilege of root, for good: no device nodes, no owners of others, and modes
/// count. Bounds the size of files; writing more is an error, not a signal. To be called before
/// threads start.
void GiveUpPrivileges();

/// A folder to restore hostile volumes into, `inner`, among files that must not be touched:
///
///   precious, outside/precious    files
///   alias -> outside/precious     a link beside the target
///   inner/link -> ../outside, inner/file-link -> ../outside/precious
///
/// Lies in TMPDIR and is removed at the end of the process, if that is orderly.
class Sandbox {
 public:
  Sandbox();
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  std::string target() const { return root_ + "/inner"; }
  /// Makes the target anew, with its links.
  void Refill();
  /// Ends the process if something outside the target is not as it was when this was made.
  void ExpectOutsideUntouched() const;

 private:
  std::string Outside() const;

  std::string root_;
  std::string outside_;
};

}  // namespace tapir::fuzz
