#pragma once

#include <vector>

#include "../beat/beat_encoder.h"

namespace continuo::tokens {

// Tracks of one program beyond the last part that has a word join it.
void share_last_part(BeatPiece& piece);

// Tempos and keys go to the nearest bar line, the earlier of two; none goes beyond the last note's bar. Done twice it
// changes nothing. Requires: meters at bar lines.
void move_changes_to_bar_lines(BeatPiece& piece, const BeatWords& words);

// Writes a piece bar by bar: Bar [TimeSig] [Tempo] [Key], then for each track with notes that begin in the bar Program
// [Part], and its notes by position. Requires: a settled piece whose changes are at bar lines.
class BarTracksEncoder : public BeatEncoder {
 public:
  using BeatEncoder::BeatEncoder;
  std::vector<TokenId> encode();

 private:
  void write_head(std::int64_t onset, std::size_t& mark);
  void write_cells(std::span<const GridNote> notes, std::int64_t onset);
  std::vector<int> parts() const;

  const std::vector<int> parts_ = parts();  // of each voice: which track of its program it is
};

}  // namespace continuo::tokens
