#include "object/cut_point.h"

namespace tapir {

FragmentEnd EndFragment(const CutPoint& cut, bool with_sha256) {
  StreamEnd stream;
  stream.size = cut.end_bytes - cut.begin_bytes;
  ContentDigester digester = cut.fragment.Fork();
  ContentDigester::Outcome outcome = digester.Finish(stream.size);
  stream.map_digest = outcome.map_form;
  stream.data_bytes = outcome.data_bytes;
  stream.digests = outcome.digests;
  stream.has_sha256 = with_sha256;
  ObjectEnd end{cut.begin.ordinal, ObjectStatus::kContinued, {stream}, {}};
  FragmentEnd fragment;
  fragment.end_payload = EncodeObjectEnd(end);
  fragment.entry = MakeEntry(cut.begin, end, cut.reference ? &*cut.reference : nullptr);
  fragment.entry.record_digest =
      RecordDigest(AsBytes(cut.begin_payload), AsBytes(fragment.end_payload));
  fragment.size = stream.size;
  return fragment;
}

}  // namespace tapir
