#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "continuo/originality/index.h"
#include "continuo/originality/note_lines.h"

#include "index_layout.h"
#include "packed_times.h"
#include "windows.h"

namespace continuo::originality {
namespace {

// Of the same window in a line. A loop would make each look-up of it as long as it is, and what is found at the first
// times is as long as at the others.
constexpr int kMostTimes = 16;

// The windows of all lines, in the order of the file.
std::vector<std::pair<std::uint32_t, std::uint32_t>> all_windows(std::span<const Index::Line> lines,
                                                                 std::span<const std::uint8_t> pitches) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> windows;
  for (const Index::Line& line : lines) {
    std::unordered_map<std::uint64_t, int> times;
    for (const Window& window : kept_windows(pitches.subspan(line.first, line.end - line.first)))
      if (++times[window.hash] <= kMostTimes)
        windows.emplace_back(std::uint32_t(window.hash), std::uint32_t(line.first + window.begin));
  }
  std::ranges::sort(windows);
  return windows;
}

}  // namespace

Status IndexBuilder::add(std::string_view name, const score::Score& piece) {
  pieces_.emplace_back(name);
  for (const NoteLine& line : note_lines(piece))
    CONTINUO_TRY(add_line(std::uint32_t(line.track), line.pitches(), pack_times(line.notes)));
  return {};
}

Status IndexBuilder::add_line(std::uint32_t track, std::span<const std::uint8_t> pitches,
                              std::span<const std::uint8_t> packed) {
  const std::uint64_t first = pitches_.size(), end = first + pitches.size();
  if (end > std::numeric_limits<std::uint32_t>::max())
    return Error{ErrorCode::too_large, "an index has at most 4,294,967,295 notes"};
  lines_.push_back(
      {first, end, std::uint32_t(pieces_.size() - 1), track, packed_.size(), packed_.size() + packed.size()});
  pitches_.insert(pitches_.end(), pitches.begin(), pitches.end());
  packed_.insert(packed_.end(), packed.begin(), packed.end());
  return {};
}

std::vector<std::uint8_t> IndexBuilder::bytes() const { return bytes({0, pieces_.size(), pieces_.size(), 0}); }

std::vector<std::uint8_t> IndexBuilder::bytes(const Index::Share& share) const {
  const auto windows = all_windows(lines_, pitches_);
  std::string names;
  for (const std::string& name : pieces_) names += name + '\0';
  IndexWriter writer;
  writer.numbers(std::span<const char>(kIndexMagic));
  for (const std::uint64_t number :
       {share.first, share.end, share.of, share.source, std::uint64_t(pieces_.size()), std::uint64_t(names.size()),
        std::uint64_t(lines_.size()), std::uint64_t(pitches_.size()), std::uint64_t(packed_.size()),
        std::uint64_t(windows.size())})
    writer.number(number);
  writer.numbers(std::span<const char>(names));
  writer.align();
  for (const Index::Line& line : lines_) {
    writer.number(std::uint32_t(line.end - line.first));
    writer.number(std::uint32_t(line.packed_end - line.packed));
    writer.number(line.piece);
    writer.number(line.track);
  }
  writer.align();
  writer.numbers(std::span<const std::uint8_t>(pitches_));
  writer.align();
  writer.numbers(std::span<const std::uint8_t>(packed_));
  writer.align();
  for (const auto& [hash, place] : windows) writer.number(hash);
  writer.align();
  for (const auto& [hash, place] : windows) writer.number(place);
  return std::move(writer).bytes();
}

Result<std::vector<std::uint8_t>> merge(std::span<const Index> shards) {
  std::vector<const Index*> sorted;
  for (const Index& shard : shards) sorted.push_back(&shard);
  std::ranges::sort(sorted, {}, [](const Index* index) { return std::pair(index->share().first, index->share().end); });
  const Error bad{ErrorCode::incompatible, "these are not all shards of one index, each once"};
  if (sorted.empty()) return bad;
  IndexBuilder merged;
  std::uint64_t next = 0;
  for (const Index* shard : sorted) {
    if (shard->share().first != next || shard->share().of != sorted[0]->share().of ||
        shard->share().source != sorted[0]->share().source)
      return bad;
    next = shard->share().end;
    std::size_t line = 0;
    for (std::size_t piece = 0; piece < shard->pieces(); ++piece) {
      merged.pieces_.push_back(shard->piece(piece));
      for (; line < shard->lines().size() && shard->lines()[line].piece == piece; ++line) {
        const Index::Line& notes = shard->lines()[line];
        CONTINUO_TRY(merged.add_line(notes.track, shard->pitches().subspan(notes.first, notes.end - notes.first),
                                     shard->packed_times().subspan(notes.packed, notes.packed_end - notes.packed)));
      }
    }
  }
  if (next != sorted[0]->share().of) return bad;
  return merged.bytes({0, next, next, sorted[0]->share().source});
}

}  // namespace continuo::originality
