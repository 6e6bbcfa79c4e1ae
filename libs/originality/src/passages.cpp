#include "continuo/originality/passages.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "continuo/originality/note_lines.h"

#include "windows.h"

namespace continuo::originality {
namespace {

constexpr std::size_t kLong = 64;  // notes

// A passage as places: of notes of the asked line, and of the index.
struct Match {
  std::size_t begin = 0, source = 0, notes = 0;
};

std::uint8_t interval(std::span<const std::uint8_t> pitches, std::size_t from) {
  return std::uint8_t(pitches[from + 1] - pitches[from]);
}

// One line of the asked piece against the index.
class LineSearch {
 public:
  LineSearch(const Index& index, std::span<const std::uint8_t> pitches) : index_(index), pitches_(pitches) {}

  // Calls `take(match, line)` for each passage, as long as it can be, once.
  template <typename Take>
  void run(Take&& take) {
    const auto hashes = index_.hashes();
    for (const Window& window : kept_windows(pitches_)) {
      const auto [first, last] = std::ranges::equal_range(hashes, std::uint32_t(window.hash));
      for (auto hash = first; hash != last; ++hash) {
        const std::size_t place = index_.places()[std::size_t(hash - hashes.begin())];
        // All windows of a passage are as far from the source's; those within one that is known say nothing new.
        std::size_t& known = known_[std::int64_t(place) - std::int64_t(window.begin)];
        if (window.begin < known) continue;
        const Index::Line& line = line_at(place);
        // Nor do those within a long passage that this line is known to have: a loop is as long at each of its turns.
        std::size_t& covered = covered_[line.first];
        if (window.begin + kIndexed.notes <= covered) continue;
        const Match match = longest(window.begin, place, line);
        if (match.notes < kIndexed.notes) continue;  // another window with this hash
        known = match.begin + match.notes;
        if (match.notes >= kLong) covered = std::max(covered, known);
        take(match, line);
      }
    }
  }

 private:
  const Index::Line& line_at(std::size_t place) const {
    const auto lines = index_.lines();
    return *std::prev(std::ranges::upper_bound(lines, place, {}, &Index::Line::first));
  }

  Match longest(std::size_t begin, std::size_t place, const Index::Line& line) const {
    std::size_t back = 0, notes = 1;
    while (begin > back && place > line.first + back &&
           interval(pitches_, begin - back - 1) == interval(index_.pitches(), place - back - 1))
      ++back;
    while (begin + notes < pitches_.size() && place + notes < line.end &&
           interval(pitches_, begin + notes - 1) == interval(index_.pitches(), place + notes - 1))
      ++notes;
    return {begin - back, place - back, back + notes};
  }

  const Index& index_;
  std::span<const std::uint8_t> pitches_;
  std::unordered_map<std::int64_t, std::size_t> known_;     // by distance: the end of the last passage
  std::unordered_map<std::uint64_t, std::size_t> covered_;  // by the source's line: the end of the farthest long one
};

// Requires: not empty.
double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The share of the distances between two notes that are as the source's, to a quarter of a usual distance, at the tempo
// at which most are. A passage may be a note or two longer than what was copied, by chance.
double rhythm_of(std::span<const LineNote> notes, std::span<const LineNote> source) {
  const auto distance = [](std::span<const LineNote> line, std::size_t i) {
    return double(line[i].time - line[i - 1].time);
  };
  std::vector<double> tempos, distances;
  for (std::size_t i = 1; i < notes.size(); ++i) {
    if (distance(notes, i) <= 0) continue;
    distances.push_back(distance(notes, i));
    if (distance(source, i) > 0) tempos.push_back(distance(notes, i) / distance(source, i));
  }
  if (tempos.empty()) return 0;
  const double tempo = median(tempos), tolerance = median(distances) / 4;
  std::size_t close = 0;
  for (std::size_t i = 1; i < notes.size(); ++i)
    close += std::size_t(std::abs(distance(source, i) * tempo - distance(notes, i)) <= tolerance);
  return double(close) / double(notes.size() - 1);
}

Passage passage_of(const Index& index, const Index::Line& source, const Match& match, const NoteLine& line) {
  const auto notes = std::span(line.notes).subspan(match.begin, match.notes);
  const std::vector<LineNote> source_line = index.notes(source);
  const auto source_notes = std::span(source_line).subspan(match.source - source.first, match.notes);
  return {.notes = match.notes,
          .track = line.track,
          .first_bar = notes.front().bar + 1,
          .last_bar = notes.back().bar + 1,
          .source = source.piece,
          .source_track = source.track,
          .source_first_bar = source_notes.front().bar + 1,
          .source_last_bar = source_notes.back().bar + 1,
          .transposition = int(notes.front().pitch) - int(source_notes.front().pitch),
          .rhythm = rhythm_of(notes, source_notes)};
}

// What one piece of the index shares, while it is found.
struct Shared {
  std::size_t longest = 0;  // notes
  std::size_t line = 0;     // of the asked piece, that has the longest
  const Index::Line* source = nullptr;
  Match match;
  std::vector<bool> covered;  // by note of all lines of the asked piece
};

}  // namespace

Report find_passages(const Index& index, const score::Score& piece, std::size_t least) {
  const std::vector<NoteLine> lines = note_lines(piece);
  Report report;
  for (const NoteLine& line : lines) report.notes += line.notes.size();
  std::map<std::size_t, Shared> found;  // by piece
  std::vector<bool> covered(report.notes);
  std::size_t first = 0;  // note of the line, among all
  for (std::size_t l = 0; l < lines.size(); ++l) {
    const std::vector<std::uint8_t> pitches = lines[l].pitches();
    LineSearch(index, pitches).run([&](const Match& match, const Index::Line& source) {
      if (match.notes < least) return;
      Shared& shared = found[source.piece];
      shared.covered.resize(report.notes);
      for (std::size_t i = 0; i < match.notes; ++i)
        shared.covered[first + match.begin + i] = covered[first + match.begin + i] = true;
      if (match.notes > shared.longest) {
        shared.longest = match.notes;
        shared.line = l;
        shared.source = &source;
        shared.match = match;
      }
    });
    first += pitches.size();
  }
  report.shared_notes = std::size_t(std::ranges::count(covered, true));
  for (const auto& [number, shared] : found)
    report.sources.push_back({.piece = number,
                              .longest = passage_of(index, *shared.source, shared.match, lines[shared.line]),
                              .notes = std::size_t(std::ranges::count(shared.covered, true))});
  std::ranges::stable_sort(report.sources, std::greater(),
                           [](const Source& source) { return std::pair(source.longest.notes, source.notes); });
  return report;
}

}  // namespace continuo::originality
