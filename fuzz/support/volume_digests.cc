#include "fuzz/support/volume_digests.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "container/session_records.h"
#include "object/index_page.h"
#include "object/record_parser.h"

namespace tapir::fuzz {
namespace {

// Goes through the chunks in order: whatever is described stands before its description.
class DigestFixer {
 public:
  explicit DigestFixer(VolumeImage& image) : image_(image) {}

  void Run() {
    for (size_t i = 0; i < image_.chunks().size(); ++i) {
      const ImageChunk& chunk = image_.chunks()[i];
      std::optional<std::string> raw = VolumeImage::RawBytes(chunk);
      if (!raw) continue;
      std::string fixed = Fix(chunk, *raw);
      bool is_stored = chunk.header.codec == static_cast<uint8_t>(Codec::kStored);
      bool fits = fixed.size() == raw->size() || fixed.size() <= image_.RoomFor(i);
      if (is_stored && fits && fixed != *raw) {
        image_.SetStoredBytes(i, fixed);
        raw = std::move(fixed);
      }
      digests_[KeyOf(chunk.locator)] = ComputeDigest128(AsBytes(*raw));
    }
  }

 private:
  using ChunkKey = std::pair<uint64_t, uint32_t>;
  using RecordKey = std::tuple<uint64_t, uint32_t, uint32_t>;

  static ChunkKey KeyOf(const Locator& locator) {
    return {locator.block.unit, locator.offset_bytes};
  }

  std::string Fix(const ImageChunk& chunk, const std::string& raw) {
    switch (static_cast<ChunkKind>(chunk.header.kind)) {
      case ChunkKind::kRecords: return FixRecords(chunk, raw);
      case ChunkKind::kLeaf:
      case ChunkKind::kLeafCopy: return FixLeaf(raw);
      case ChunkKind::kInner:
      case ChunkKind::kInnerCopy: return FixInner(raw);
      case ChunkKind::kStart: return FixStart(raw);
      case ChunkKind::kEnd: return FixEnd(raw);
      default: return raw;
    }
  }

  std::string FixRecords(const ImageChunk& chunk, const std::string& raw) {
    RawChunk input;
    input.header = chunk.header;
    input.bytes = AsBytes(raw);
    std::string fixed = raw;
    for (ParsedRecord& record : ParseRecords(input, {.check_digests = false}).records) {
      if (!record.is(ItemType::kWhole)) continue;
      std::string end(AsText(record.end_payload));
      for (StreamEnd& stream : record.end.streams) {
        StreamDigester digester(stream.has_sha256);
        digester.Update(record.bytes);
        stream.digests = digester.Finish();
      }
      std::string encoded = EncodeObjectEnd(record.end);
      if (encoded.size() == end.size()) {
        auto at = record.end_payload.data() - input.bytes.data();
        std::copy(encoded.begin(), encoded.end(), fixed.begin() + at);
        end = encoded;
      }
      Entry entry = MakeEntry(record.begin, record.end, nullptr);
      entry.record_digest = RecordDigest(record.begin_payload, AsBytes(end));
      SetPlace(entry, chunk.locator, record.offset);
      entries_[{entry.block_unit, entry.chunk_offset, entry.record_offset}] = std::move(entry);
    }
    return fixed;
  }

  std::string FixLeaf(const std::string& raw) {
    Result<std::vector<Entry>> leaf = DecodeLeaf(AsBytes(raw));
    if (!leaf.ok() || leaf->empty()) return raw;
    bool with_sha256 = false;
    for (Entry& entry : *leaf) {
      auto known = entries_.find({entry.block_unit, entry.chunk_offset, entry.record_offset});
      if (known != entries_.end()) entry = known->second;
      with_sha256 = with_sha256 || std::any_of(entry.sha256.begin(), entry.sha256.end(),
                                               [](std::byte b) { return b != std::byte{0}; });
    }
    LeafBuilder builder(with_sha256);
    for (const Entry& entry : *leaf) builder.Add(entry);
    return builder.Finish();
  }

  std::string FixInner(const std::string& raw) {
    Result<InnerPage> page = DecodeInner(AsBytes(raw));
    if (!page.ok()) return raw;
    for (ChildPage& child : page->children) SetDigest(child.locator, child.digest);
    return EncodeInner(*page);
  }

  std::string FixStart(const std::string& raw) {
    Result<StartRecord> start = DecodeStart(AsBytes(raw));
    if (!start.ok()) return raw;
    if (start->previous_end != BlockPlace{}) {
      SetDigest(FirstChunkOf(start->previous_end), start->previous_end_digest);
    }
    previous_end_digest_ = start->previous_end_digest;
    for (SessionEntry& entry : start->earlier) {
      SetDigest(FirstChunkOf(entry.end_place), entry.end_digest);
    }
    return EncodeStart(*start);
  }

  std::string FixEnd(const std::string& raw) {
    Result<EndRecord> end = DecodeEnd(AsBytes(raw));
    if (!end.ok()) return raw;
    SetDigest(end->root, end->root_digest);
    end->previous_end_digest = previous_end_digest_;
    for (SessionEntry& entry : end->earlier) {
      SetDigest(FirstChunkOf(entry.end_place), entry.end_digest);
    }
    for (IndexCopy& copy : end->index_copies) SetDigest(copy.root, copy.root_digest);
    return EncodeEnd(*end);
  }

  static Locator FirstChunkOf(const BlockPlace& block) { return {block, kBlockHeaderBytes}; }

  void SetDigest(const Locator& chunk, Digest128& digest) const {
    auto known = digests_.find(KeyOf(chunk));
    if (known != digests_.end()) digest = known->second;
  }

  VolumeImage& image_;
  std::map<ChunkKey, Digest128> digests_;
  std::map<RecordKey, Entry> entries_;
  Digest128 previous_end_digest_{};
};

}  // namespace

void FixDigests(VolumeImage& image) { DigestFixer(image).Run(); }

}  // namespace tapir::fuzz
