#include "cell_notes.h"

#include <algorithm>

namespace continuo::generate {

using tokens::CellBar;
using tokens::TrackCell;
using tokens::TrackName;

// Alone it is the first part of its program, whatever it is in the piece.
Result<std::optional<score::Track>> notes_of_track(const tokens::Tokenizer& tokenizer, TrackName track,
                                                   std::span<const CellBar> bars, std::size_t begin,
                                                   std::span<const std::vector<TrackCell>> cells) {
  std::vector<TokenId> tokens;
  bool has_notes = false;
  for (std::size_t i = 0; i < begin + cells.size(); ++i) {
    tokens.insert(tokens.end(), bars[i].head.begin(), bars[i].head.end());
    if (i < begin) continue;
    const auto cell = std::ranges::find(cells[i - begin], track, &TrackCell::track);
    if (cell == cells[i - begin].end()) continue;
    tokenizer.track_cells()->append_name({.program = track.program}, tokens);
    tokens.insert(tokens.end(), cell->notes.begin(), cell->notes.end());
    has_notes = true;
  }
  if (!has_notes) return std::optional<score::Track>();
  CONTINUO_ASSIGN(score::Score decoded, tokenizer.decode(tokens));
  return std::optional(std::move(decoded.tracks.at(0)));
}

std::uint8_t usual_velocity(const score::Track& track) {
  constexpr std::uint8_t kUsual = 80;
  if (track.notes.empty()) return kUsual;
  std::size_t sum = 0;
  for (const score::Note& note : track.notes) sum += note.velocity;
  return std::uint8_t(std::max<std::size_t>(1, sum / track.notes.size()));
}

}  // namespace continuo::generate
