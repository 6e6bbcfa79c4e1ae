#pragma once

#include <optional>

#include "continuo/score/score.h"
#include "continuo/score/tempo_map.h"
#include "continuo/tokens/traits.h"

namespace continuo::generate {

// The same moment in a primer and in its image on the tokenisation's grid, from which new music is measured in both.
struct SplicePoint {
  score::Ticks primer;
  score::Ticks decoded;
};

// From a decoded score's ticks to a primer's, by musical or by clock time. Requires: the maps and scores outlive it.
class TickMapping {
 public:
  TickMapping(const score::Score& primer, const score::Score& decoded, SplicePoint joint, tokens::TimeDomain domain)
      : primer_(primer.tempo_map()), decoded_(decoded.tempo_map()), joint_(joint), domain_(domain) {}
  score::Ticks operator()(score::Ticks decoded) const;

 private:
  score::TempoMap primer_, decoded_;
  SplicePoint joint_;
  tokens::TimeDomain domain_;
};

// New music in its own ticks: notes with onset in [begin, end), cut to `end`.
struct NewMusic {
  const score::Score& decoded;
  const score::Score& image;  // the primer alone, through the tokenisation
  score::Ticks begin;
  std::optional<score::Ticks> end;
};

// Ends every note by `end` and drops what starts there or later.
void cut(score::Score& score, score::Ticks end);

// Adds the new notes to the primer's track of the same instrument, or to a new track. A primer whose instrument the
// tokenisation lost gets them back on the track with most notes. Everything that the primer has stays as it is.
void add_notes(score::Score& primer, const NewMusic& music, const TickMapping& mapping,
               std::optional<score::Ticks> primer_end = std::nullopt);
// Tempo and meter changes of the new music.
void add_timing(score::Score& primer, const NewMusic& music, const TickMapping& mapping);
// A sustain pedal that is down at `time` goes up there.
void lift_pedals(score::Score& primer, score::Ticks time);
// The end of the last note, or of the sustain pedal's hold on it.
score::Ticks sounding_end(const score::Score& primer);
// Takes away the notes that begin in [begin, end).
void remove_notes(score::Score& score, score::Ticks begin, score::Ticks end);
// The bar line after the last bar in which a note begins.
score::Ticks bar_line(const score::Score& primer);

}  // namespace continuo::generate
