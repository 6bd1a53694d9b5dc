#include <algorithm>

#include "bench/bench_support.h"
#include "bytes/checksum.h"
#include "object/chunk_builder.h"
#include "object/record_parser.h"

namespace tapir::bench {
namespace {

// Small files as the packer hands them over: records, and the contents they are lent.
struct SmallFiles {
  SmallFiles() {
    uint64_t ordinal = 0;
    for (const std::string& path : RealisticPaths(400)) {
      contents.push_back(test::TextBytes(1024 + ordinal * 37 % 8192, ordinal + 1));
      Metadata metadata = test::File(path, "").metadata;
      metadata.path = path;
      metadata.size = contents.back().size();
      ObjectEnd end;
      end.ordinal = ordinal;
      StreamEnd stream;
      stream.size = stream.data_bytes = contents.back().size();
      stream.digests.xxh128 = ComputeDigest128(AsBytes(contents.back()));
      end.streams.push_back(stream);
      begins.push_back(EncodeObjectBegin(ordinal, metadata));
      ends.push_back(EncodeObjectEnd(end));
      heads.push_back(EncodeWholeHead(begins.back().size(), ends.back().size()));
      ++ordinal;
    }
  }

  PackedChunk Pack(ChunkBuilder& builder, int zstd_level) const {
    for (size_t i = 0; i < begins.size(); ++i) {
      size_t payload = heads[i].size() + begins[i].size() + ends[i].size();
      if (!builder.Fits(payload, contents[i].size())) break;
      builder.Add(ItemType::kWhole, i, {AsBytes(heads[i]), AsBytes(begins[i]), AsBytes(ends[i])},
                  {AsBytes(contents[i]), nullptr});
    }
    return builder.Finish(zstd_level, false, ChunkKind::kRecords).run();
  }

  std::vector<std::string> contents;
  std::vector<std::string> heads;
  std::vector<std::string> begins;
  std::vector<std::string> ends;
};

const SmallFiles& Files() {
  static const SmallFiles kFiles;
  return kFiles;
}

ByteSpan StoredBytes(const PackedChunk& chunk) {
  if (!chunk.compressed.empty()) return AsBytes(chunk.compressed);
  return ByteSpan(chunk.raw->span()).first(chunk.header.raw_bytes);
}

// Expanded, parsed and proven: how many files come out.
size_t Unpack(const PackedChunk& chunk, Decompressor& decompressor, std::vector<std::byte>& raw) {
  raw.resize(chunk.header.raw_bytes);
  if (!ExpandChunk(chunk.header, StoredBytes(chunk), decompressor, raw).ok()) return 0;
  RawChunk expanded;
  expanded.header = chunk.header;
  expanded.bytes = raw;
  ParsedChunk parsed = ParseRecords(expanded, {});
  auto is_file = [](const ParsedRecord& record) { return record.is(ItemType::kWhole); };
  auto files = std::count_if(parsed.records.begin(), parsed.records.end(), is_file);
  return parsed.damages.empty() ? static_cast<size_t>(files) : 0;
}

void EncodeChunk(benchmark::State& state) {
  int level = static_cast<int>(state.range(0));
  const SmallFiles& input = Files();
  ChunkBuilder builder(4u << 20);
  PackedChunk chunk;
  for (auto _ : state) {
    chunk = input.Pack(builder, level);
    benchmark::DoNotOptimize(chunk.header);
  }
  SetBytes(state, chunk.header.raw_bytes);
  Decompressor decompressor;
  std::vector<std::byte> raw;
  size_t files = Unpack(chunk, decompressor, raw);
  Fails(state, files == chunk.header.object_count, "not all files come out again");
}
BENCHMARK(EncodeChunk)->ArgName("zstd")->Arg(0)->Arg(1)->Arg(3);

void DecodeChunk(benchmark::State& state) {
  ChunkBuilder builder(4u << 20);
  PackedChunk chunk = Files().Pack(builder, static_cast<int>(state.range(0)));
  Decompressor decompressor;
  std::vector<std::byte> raw;
  size_t files = 0;
  for (auto _ : state) {
    files = Unpack(chunk, decompressor, raw);
    benchmark::DoNotOptimize(files);
  }
  SetBytes(state, chunk.header.raw_bytes);
  Fails(state, files == chunk.header.object_count, "not all files come out again");
}
BENCHMARK(DecodeChunk)->ArgName("zstd")->Arg(0)->Arg(3);

}  // namespace
}  // namespace tapir::bench
