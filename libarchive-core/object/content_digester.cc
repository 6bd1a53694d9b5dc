#include "object/content_digester.h"

#include <string>

namespace tapir {

ContentDigester::ContentDigester(bool with_sha256) : plain_(with_sha256) {}

void ContentDigester::Reset() {
  plain_.Reset();
  map_.reset();
  plain_given_up_ = false;
  hole_bytes_ = data_bytes_ = extent_offset_ = extent_bytes_ = 0;
}

ContentDigester ContentDigester::Fork() const {
  ContentDigester fork(plain_.Fork());
  if (map_) fork.map_.emplace(map_->Fork());
  fork.plain_given_up_ = plain_given_up_;
  fork.hole_bytes_ = hole_bytes_;
  fork.data_bytes_ = data_bytes_;
  fork.extent_offset_ = extent_offset_;
  fork.extent_bytes_ = extent_bytes_;
  return fork;
}

// The extent's bytes are in the digest already; its place follows them.
void ContentDigester::CloseExtent() {
  if (extent_bytes_ == 0) return;
  std::string place;
  WriteCursor to(place);
  to.U64(extent_offset_);
  to.U64(extent_bytes_);
  map_->Update(AsBytes(place));
}

void ContentDigester::Data(uint64_t offset_bytes, ByteSpan bytes) {
  if (bytes.empty()) return;
  uint64_t hole = offset_bytes - end_bytes();
  if (hole > 0) {
    if (!map_) map_.emplace(plain_.Fork());
    CloseExtent();
    extent_offset_ = offset_bytes;
    extent_bytes_ = 0;
    hole_bytes_ += hole;
    plain_given_up_ = plain_given_up_ || hole_bytes_ > kMaxPlainHoleBytes;
    if (!plain_given_up_) plain_.UpdateZeros(hole);
  }
  if (!plain_given_up_) plain_.Update(bytes);
  if (map_) map_->Update(bytes);
  extent_bytes_ += bytes.size();
  data_bytes_ += bytes.size();
}

ContentDigester::Outcome ContentDigester::Finish(uint64_t size) {
  Outcome outcome;
  outcome.data_bytes = data_bytes_;
  outcome.map_form = size - data_bytes_ > kMaxPlainHoleBytes;
  if (!outcome.map_form) {
    plain_.UpdateZeros(size - end_bytes());
    outcome.digests = plain_.Finish();
    return outcome;
  }
  if (!map_) map_.emplace(plain_.Fork());
  CloseExtent();
  std::string length;
  WriteCursor(length).U64(size);
  map_->Update(AsBytes(length));
  outcome.digests = map_->Finish();
  return outcome;
}

}  // namespace tapir
