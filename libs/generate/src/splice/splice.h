#pragma once

#include <optional>
#include <vector>

#include "continuo/score/score.h"
#include "continuo/score/tempo_map.h"
#include "continuo/tokens/traits.h"

namespace continuo::generate {

// The moment at which new music starts, on two scores: in the primer, and in the decoded tokens. Units: ticks of each.
struct SplicePoint {
  score::Ticks primer;
  score::Ticks decoded;
};

// Converts a decoded score's ticks to the primer's, by musical or by clock time from the splice point on.
class TickMapping {
 public:
  TickMapping(const score::Score& primer, const score::Score& decoded, SplicePoint splice, tokens::TimeDomain domain)
      : primer_(primer.tempo_map()), decoded_(decoded.tempo_map()), splice_(splice), domain_(domain) {}
  score::Ticks operator()(score::Ticks decoded) const;

 private:
  score::TempoMap primer_, decoded_;
  SplicePoint splice_;
  tokens::TimeDomain domain_;
};

// The new part of a decoded score: notes with onset in [begin, end), cut to `end`. Units: ticks of `decoded`.
struct NewMusic {
  const score::Score& decoded;
  const score::Score& quantised_primer;  // the primer alone, encoded and decoded
  score::Ticks begin;
  std::optional<score::Ticks> end;
};

// Ends every note by `end` and removes those with onset at `end` or later.
void cut(score::Score& score, score::Ticks end);
// Parts every note that sounds before and after `at` in two.
void split_notes(score::Score& score, score::Ticks at);
// Removes the notes with onset in [begin, end).
void remove_notes(score::Score& score, score::Ticks begin, score::Ticks end);

// Ends notes by the next onset of their pitch, but those of `kept`. Requires: both sorted.
void end_at_next_strike(std::vector<score::Note>& notes, const std::vector<score::Note>& kept = {});

// Adds the new notes to the primer's track of the same instrument, or to a new track. If the tokenisation did not keep
// the primer's instruments, they are added to its track with most notes. Where the decoded score has as many tracks of
// an instrument as the primer (without its instruments: as many tracks), as of four voices, each goes to its own.
// Nothing that the primer has is changed.
// New notes are left out where the same key of the track is still sounding, and cut to `primer_end` (ticks of the
// primer).
void add_notes(score::Score& primer, const NewMusic& music, const TickMapping& mapping,
               std::optional<score::Ticks> primer_end = std::nullopt);
// Adds the tempo and meter changes of the new music.
void add_timing(score::Score& primer, const NewMusic& music, const TickMapping& mapping);

}  // namespace continuo::generate
