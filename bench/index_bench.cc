#include "bench/bench_support.h"
#include "container/block_writer.h"
#include "object/index_reader.h"
#include "object/index_writer.h"
#include "tapir/device/memory_device.h"

namespace tapir::bench {
namespace {

constexpr size_t kEntries = 100'000;

std::vector<Entry> SomeEntries(size_t count) {
  std::vector<Entry> entries;
  entries.reserve(count);
  for (const std::string& path : RealisticPaths(count)) {
    Entry entry;
    entry.ordinal = entries.size();
    entry.path = path;
    entry.mode = 0644;
    entry.uid = entry.gid = 1000;
    entry.size = 1000 + entry.ordinal * 7919 % 50'000;
    entry.mtime = {1'700'000'000 + static_cast<int64_t>(entry.ordinal), 123};
    entry.block_object = 2 + entry.ordinal / 200;
    entry.block_unit = entry.block_object * 25;
    entry.chunk_offset = kBlockHeaderBytes;
    entry.record_offset = static_cast<uint32_t>(entry.ordinal % 200 * 200);
    entry.record_digest = entry.ordinal * 0x9E3779B97F4A7C15u;
    std::string digest = test::RandomBytes(entry.xxh128.size(), entry.ordinal);
    std::memcpy(entry.xxh128.data(), digest.data(), digest.size());
    entries.push_back(std::move(entry));
  }
  return entries;
}

const std::vector<Entry>& Entries() {
  static const std::vector<Entry> kSome = SomeEntries(kEntries);
  return kSome;
}

// An index alone on a device, without the objects it lists.
struct WrittenDevice {
  WrittenDevice(const std::vector<Entry>& entries, int zstd_level) {
    Label label = test::FixedLabel();
    BlockWriter::Options options;
    options.volume_uuid = label.volume_uuid;
    options.max_block_bytes = label.max_block_bytes;
    options.session_id[0] = std::byte{1};
    options.session_number = 1;
    BlockWriter blocks(device, options);
    IndexWriter writer(false, zstd_level);
    for (const Entry& entry : entries) test::Check(writer.Add(entry));
    uint64_t sequence = 0;
    const StoredLeaves leaves = test::Value(writer.Finish());
    WrittenIndex index =
        test::Value(WriteIndex(blocks, leaves, IndexForm::kOwn, zstd_level, sequence));
    test::Check(blocks.EndSection());
    end.root = index.root;
    end.root_level = index.root_level;
    end.root_digest = index.root_digest;
    end.object_count = entries.size();
  }

  MemoryDevice device;
  EndRecord end;
};

void FillLeaves(benchmark::State& state) {
  std::vector<Entry> entries(Entries().begin(), Entries().begin() + 10'000);
  size_t listed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Entry> to_add = entries;
    std::vector<std::string> pages;
    state.ResumeTiming();
    LeafBuilder builder(false);
    for (Entry& entry : to_add) {
      if (!builder.Fits(entry)) pages.push_back(builder.Finish());
      builder.Add(std::move(entry));
    }
    pages.push_back(builder.Finish());
    state.PauseTiming();
    listed = 0;
    for (const std::string& page : pages) listed += test::Value(DecodeLeaf(AsBytes(page))).size();
    state.ResumeTiming();
  }
  SetItems(state, entries.size());
  Fails(state, listed == entries.size(), "entries are missing");
}
BENCHMARK(FillLeaves)->Unit(benchmark::kMillisecond);

void WriteIndex(benchmark::State& state) {
  const std::vector<Entry>& entries = Entries();
  uint64_t bytes = 0;
  for (auto _ : state) {
    WrittenDevice written(entries, static_cast<int>(state.range(0)));
    bytes = written.device.bytes().size();
  }
  SetItems(state, kEntries);
  state.counters["bytes_per_entry"] = static_cast<double>(bytes) / kEntries;
  Fails(state, bytes > kEntries, "the index is too small");
}
BENCHMARK(WriteIndex)->ArgName("zstd")->Arg(0)->Arg(3)->Unit(benchmark::kMillisecond);

void ReadIndex(benchmark::State& state) {
  WrittenDevice written(Entries(), static_cast<int>(state.range(0)));
  size_t read = 0;
  for (auto _ : state) {
    IndexReader reader(written.device, test::FixedLabel(), written.end);
    for (read = 0; test::Value(reader.Next()); ++read) continue;
  }
  SetItems(state, kEntries);
  Fails(state, read == kEntries, "entries are missing");
}
BENCHMARK(ReadIndex)->ArgName("zstd")->Arg(0)->Arg(3)->Unit(benchmark::kMillisecond);

// One path in a volume that has just been opened.
void LookUp(benchmark::State& state) {
  WrittenDevice written(Entries(), static_cast<int>(state.range(0)));
  size_t wanted = 0;
  bool right = true;
  for (auto _ : state) {
    wanted = (wanted + 7919) % kEntries;
    IndexReader reader(written.device, test::FixedLabel(), written.end);
    test::Check(reader.SeekTo(Entries()[wanted].path));
    std::optional<Entry> entry = test::Value(reader.Next());
    right = right && entry && *entry == Entries()[wanted];
  }
  SetItems(state, 1);
  Fails(state, right, "another entry was found");
}
BENCHMARK(LookUp)->ArgName("zstd")->Arg(0)->Arg(3)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tapir::bench
