#include "continuo/originality/sketch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>

#include "continuo/base/file.h"
#include "continuo/base/hash.h"
#include "continuo/originality/note_lines.h"

#include "rice_code.h"
#include "windows.h"

namespace continuo::originality {
namespace {

static_assert(std::endian::native == std::endian::little, "the header is read as it is");
static_assert(kSurelyInSketch == kSketched.surely_found());
static_assert(kMissedBySketch == 2 * (kOneOf - 1));

constexpr std::array<char, 8> kMagic = {'C', 'O', 'N', 'T', 'S', 'K', 'C', 'H'};

struct Header {
  std::array<char, 8> magic;
  std::uint64_t windows, low_bits, checksum;  // of the bytes that follow
};
static_assert(sizeof(Header) == 32);
// Notes of a line: [begin, end).
struct Run {
  std::size_t begin = 0, end = 0;
  std::size_t notes() const { return end - begin; }
};

// Passages of a line: of windows that follow one another, each of which the music has and which overlap.
std::vector<Run> shared_runs(const Sketch& sketch, const NoteLine& line) {
  std::vector<Run> runs;
  bool is_open = false;
  for (const Window& window : kept_windows(line.pitches(), kSketched)) {
    if (!sketch.has(window.hash)) {
      is_open = false;
    } else if (is_open && window.begin < runs.back().end) {
      runs.back().end = window.begin + kSketched.notes;
    } else {
      runs.push_back({window.begin, window.begin + kSketched.notes});
      is_open = true;
    }
  }
  return runs;
}

}  // namespace

Result<Sketch> Sketch::open(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const auto file, MappedFile::open(path));
  auto sketch = of_bytes(file->bytes());
  if (!sketch.ok()) return sketch.error().in_file(path.string());
  return sketch;
}

bool Sketch::is_one(const std::filesystem::path& path) {
  std::array<char, kMagic.size()> head{};
  std::ifstream(path, std::ios::binary).read(head.data(), head.size());
  return head == kMagic;
}

Result<Sketch> Sketch::of_bytes(std::span<const std::uint8_t> bytes) {
  Header header{};
  if (bytes.size() < kMagic.size() || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
    return Error{ErrorCode::wrong_format, "this is no sketch of originality", {}, {}};
  if (bytes.size() < sizeof(Header)) return Error{ErrorCode::truncated, "the sketch ends within its header", {}, {}};
  std::memcpy(&header, bytes.data(), sizeof(Header));
  if (fnv1a(bytes.subspan(sizeof(Header))) != header.checksum)
    return Error{ErrorCode::malformed, "the sketch is damaged: its checksum does not fit", {}, {}};
  auto hashes =
      header.low_bits <= std::uint64_t(kSketched.hash_bits)
          ? rice_decode(bytes.subspan(sizeof(Header)), header.windows, int(header.low_bits), kSketched.hash_bits)
          : std::nullopt;
  if (!hashes) return Error{ErrorCode::malformed, "the windows of the sketch are broken", {}, {}};
  Sketch sketch;
  sketch.hashes_ = std::move(*hashes);
  return sketch;
}

bool Sketch::has(std::uint64_t hash) const { return std::ranges::binary_search(hashes_, hash); }

void SketchBuilder::add(const score::Score& piece) {
  for (const NoteLine& line : note_lines(piece)) {
    notes_ += line.notes.size();
    for (const Window& window : kept_windows(line.pitches(), kSketched)) hashes_.push_back(window.hash);
  }
}

std::vector<std::uint8_t> SketchBuilder::bytes() const {
  std::vector<std::uint64_t> sorted = hashes_;
  std::ranges::sort(sorted);
  sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
  const int low_bits = rice_bits(sorted.size(), kSketched.hash_bits);
  const auto coded = rice_encode(sorted, low_bits);
  const Header header{kMagic, sorted.size(), std::uint64_t(low_bits), fnv1a(coded)};
  std::vector<std::uint8_t> bytes(sizeof(Header) + coded.size());
  std::memcpy(bytes.data(), &header, sizeof(Header));
  std::ranges::copy(coded, bytes.begin() + sizeof(Header));
  return bytes;
}

SketchReport find_passages(const Sketch& sketch, const score::Score& piece, std::size_t least) {
  SketchReport report;
  for (const NoteLine& line : note_lines(piece)) {
    report.notes += line.notes.size();
    std::size_t counted_to = 0;
    for (const Run& run : shared_runs(sketch, line)) {
      if (run.notes() < least) continue;
      report.shared_notes += run.end - std::max(run.begin, std::min(counted_to, run.end));
      counted_to = run.end;
      report.longest = std::max(report.longest, run.notes());
    }
  }
  return report;
}

}  // namespace continuo::originality
