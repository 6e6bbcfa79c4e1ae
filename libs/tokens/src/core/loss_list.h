#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "continuo/score/score.h"

namespace continuo::tokens {

// Builds the sentence that Tokenizer::losses() returns.
class LossList {
 public:
  // "3 tempo changes"; nothing for a count of 0. `plural` is said for counts other than 1.
  void add(std::size_t count, std::string_view singular, std::string_view plural);
  // As it stands, when `is_lost`.
  void add_if(bool is_lost, std::string_view what);
  const std::string& sentence() const { return sentence_; }

 private:
  std::string sentence_;
};

// What of the following a tokenisation keeps after all.
struct Kept {
  bool bends = false, keys = false;
};
// What most tokenisations lose: pitch bends, release velocities, pressures, controllers (the sustain pedal
// apart), keys, chord symbols, markers.
void add_common_losses(const score::Score& score, LossList& losses, Kept kept = {});

// For tokenisations of notes alone: tempo, meter, pedal and the common losses.
void add_time_losses(const score::Score& score, LossList& losses);

// For tokenisations of one instrument: tracks that are left out or put together.
void add_track_losses(const score::Score& score, bool decodes_drums, LossList& losses);

// For tokenisations that tell drums from pitched notes and no more: instruments, and tracks that are put together.
void add_instrument_losses(const score::Score& score, LossList& losses);

// Whether several tracks with notes have one instrument.
bool shares_instruments(const score::Score& score);

// Sustain pedal changes.
std::size_t pedal_changes(const score::Score& score);

}  // namespace continuo::tokens
