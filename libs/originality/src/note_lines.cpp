#include "continuo/originality/note_lines.h"

#include <algorithm>
#include <tuple>

#include "continuo/score/bar_grid.h"

namespace continuo::originality {

std::vector<NoteLine> note_lines(const score::Score& piece) {
  const score::BarGrid bars(piece);
  std::vector<NoteLine> lines;
  for (std::size_t t = 0; t < piece.tracks.size(); ++t) {
    const score::Track& track = piece.tracks[t];
    if (track.is_drum || track.notes.empty()) continue;
    NoteLine line{.track = t, .notes = {}};
    std::vector<score::Note> notes = track.notes;
    std::ranges::sort(notes, {}, [](const score::Note& note) { return std::pair(note.onset, note.pitch); });
    const auto same = [](const score::Note& a, const score::Note& b) {
      return a.onset == b.onset && a.pitch == b.pitch;
    };
    notes.erase(std::unique(notes.begin(), notes.end(), same), notes.end());
    for (const score::Note& note : notes)
      line.notes.push_back({.time = note.onset.value * kTimesPerQuarter / piece.ticks_per_quarter,
                            .bar = static_cast<std::int32_t>(bars.index_at(note.onset)),
                            .pitch = note.pitch});
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace continuo::originality
