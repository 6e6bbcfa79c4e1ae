#include "continuo/midi/chunks.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

namespace continuo::midi {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kChunkHead = 8;
constexpr std::size_t kHeaderBytes = 6;
// How far into a file its header is looked for: archives and old computers put up to some hundred bytes before
// it.
constexpr std::size_t kLeadingBytes = 4096;
constexpr std::size_t kNowhere = ~std::size_t{0};

Error make_error(ErrorCode code, std::string what, std::size_t offset) {
  return Error{code, std::move(what), "byte " + std::to_string(offset), ""};
}

std::size_t read_be(Bytes bytes, std::size_t at, std::size_t count) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
  return value;
}

bool has_id(Bytes bytes, std::size_t at, std::string_view id) {
  return at <= bytes.size() && bytes.size() - at >= id.size() &&
         std::equal(id.begin(), id.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char c, std::uint8_t byte) { return static_cast<std::uint8_t>(c) == byte; });
}

std::size_t find_id(Bytes bytes, std::size_t from, std::string_view id) {
  const auto start = bytes.begin() + static_cast<std::ptrdiff_t>(std::min(from, bytes.size()));
  const auto found = std::search(start, bytes.end(), std::boyer_moore_horspool_searcher(id.begin(), id.end()));
  return found == bytes.end() ? kNowhere : static_cast<std::size_t>(found - bytes.begin());
}

// A track, or four printable characters and a size that the file has room for.
bool looks_like_chunk(Bytes bytes, std::size_t at) {
  if (bytes.size() - at < kChunkHead) return false;
  if (has_id(bytes, at, "MTrk")) return true;
  const Bytes id = bytes.subspan(at, 4);
  return std::ranges::all_of(id, [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7F; }) &&
         read_be(bytes, at + 4, 4) <= bytes.size() - at - kChunkHead;
}

// What a RIFF file's "data" chunk says is inside it; other bytes as they are.
Bytes without_riff(Bytes bytes, std::size_t header) {
  if (!has_id(bytes, 0, "RIFF") || header < kChunkHead || !has_id(bytes, header - kChunkHead, "data")) return bytes;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= std::size_t{bytes[header - 4 + i]} << (8 * i);
  return bytes.first(std::min(bytes.size(), header + size));
}

// The offset of "MThd".
Result<std::size_t> find_header(Bytes bytes, Diagnostics& diagnostics) {
  if (bytes.empty()) return Error{ErrorCode::empty, "the file is empty", "", ""};
  if (bytes.size() > kMaxFileBytes) return Error{ErrorCode::too_large, "the file is larger than 64 MiB", "", ""};
  if (has_id(bytes, 0, "MThd")) return std::size_t{0};
  if (has_id(bytes, 0, "SMF2CLIP")) return make_error(ErrorCode::unsupported, "a MIDI 2.0 clip file", 0);
  const std::size_t found = find_id(bytes.first(std::min(bytes.size(), kLeadingBytes)), 0, "MThd");
  const bool is_riff = has_id(bytes, 0, "RIFF") && has_id(bytes, 8, "RMID");
  if (found != kNowhere) {
    if (!is_riff) diagnostics.add(Defect::leading_bytes, 0);
    return found;
  }
  if (is_riff || has_id(bytes, 0, "MTrk")) return make_error(ErrorCode::malformed, "no MIDI header chunk", 0);
  if (bytes.size() < 4 && has_id(bytes, 0, std::string_view("MThd").substr(0, bytes.size()))) {
    return make_error(ErrorCode::truncated, "the file ends inside its header", bytes.size());
  }
  return make_error(ErrorCode::wrong_format, "not a MIDI file (it does not begin with MThd)", 0);
}

// Walks the chunks after the header.
class ChunkWalk {
 public:
  ChunkWalk(Bytes bytes, Layout& layout, Diagnostics& diagnostics)
      : bytes_(bytes), layout_(layout), diagnostics_(diagnostics) {}

  // Reads the chunk at `at` if it is a track, and returns where the next one starts.
  std::size_t step(std::size_t at) {
    if (has_id(bytes_, at, "MThd")) {
      diagnostics_.add(Defect::trailing_bytes, at);
      return bytes_.size();
    }
    if (!looks_like_chunk(bytes_, at)) {
      diagnostics_.add(Defect::trailing_bytes, at);
      const std::size_t next = find_id(bytes_, at, "MTrk");
      return next == kNowhere || bytes_.size() - next < kChunkHead ? bytes_.size() : next;
    }
    const std::size_t content = at + kChunkHead;
    const std::size_t end = chunk_end(at, content + read_be(bytes_, at + 4, 4));
    if (has_id(bytes_, at, "MTrk")) layout_.tracks.push_back({bytes_.subspan(content, end - content), content});
    return end;
  }

 private:
  std::size_t chunk_end(std::size_t at, std::size_t stated) {
    const bool plausible = stated == bytes_.size() || (stated < bytes_.size() && looks_like_chunk(bytes_, stated));
    if (plausible) return stated;
    const std::size_t next = find_id(bytes_, at + kChunkHead, "MTrk");
    if (next == kNowhere && stated < bytes_.size() && ends_a_track(stated)) return stated;
    diagnostics_.add(Defect::wrong_chunk_size, at, track_number());
    return next == kNowhere ? bytes_.size() : next;
  }

  // Rubbish after the last track does not make its size wrong.
  bool ends_a_track(std::size_t end) const {
    return end >= 3 && has_id(bytes_, end - 3, std::string_view("\xFF\x2F\0", 3));
  }

  int track_number() const { return static_cast<int>(layout_.tracks.size()); }

  Bytes bytes_;
  Layout& layout_;
  Diagnostics& diagnostics_;
};

}  // namespace

Result<Layout> find_chunks(std::span<const std::uint8_t> bytes, Diagnostics& diagnostics) {
  CONTINUO_ASSIGN(const std::size_t start, find_header(bytes, diagnostics));
  bytes = without_riff(bytes, start);
  if (bytes.size() - start < kChunkHead + kHeaderBytes) {
    return make_error(ErrorCode::truncated, "the file ends inside its header", bytes.size());
  }
  Layout layout;
  const std::size_t size = read_be(bytes, start + 4, 4);
  layout.header.format = static_cast<int>(read_be(bytes, start + 8, 2));
  const std::size_t announced = read_be(bytes, start + 10, 2);
  layout.header.division.raw = static_cast<std::uint16_t>(read_be(bytes, start + 12, 2));
  if (layout.header.format > 2) {
    diagnostics.add(Defect::unknown_format, start + 8);
    layout.header.format = 1;
  }

  std::size_t at = start + kChunkHead + kHeaderBytes;
  const bool has_nothing_more = at == bytes.size();
  if (size != kHeaderBytes) {
    diagnostics.add(Defect::odd_header_size, start + 4);
    const std::size_t stated = start + kChunkHead + size;
    if (size > kHeaderBytes && stated < bytes.size() && looks_like_chunk(bytes, stated)) at = stated;
  }
  ChunkWalk walk(bytes, layout, diagnostics);
  while (at < bytes.size() && layout.tracks.size() < kMostTracks) at = walk.step(at);

  if (layout.tracks.empty() && announced > 0) {
    if (!has_nothing_more)
      return make_error(ErrorCode::malformed, "no track after the header", start + kChunkHead + kHeaderBytes);
    return make_error(ErrorCode::truncated, "the file ends before its first track", bytes.size());
  }
  if (layout.tracks.size() < announced) diagnostics.add(Defect::missing_tracks, bytes.size());
  if (layout.tracks.size() > announced) diagnostics.add(Defect::extra_tracks, start + 10);
  return layout;
}

}  // namespace continuo::midi
