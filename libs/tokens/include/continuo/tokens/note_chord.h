#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>

#include "continuo/base/result.h"
#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

struct NoteChordOptions {
  // Divisions of a quarter note. Range: a divisor of 480, 1 to 48.
  int steps_per_quarter = 4;
  // Notes are cut to this length, and longer rests take several words. Range: 1 to 1024, in steps.
  int max_steps = 32;
  // A chord that is rarer in the corpus is encoded as single notes. Range: 1 upwards.
  int min_count = 2;
  // The most frequent chords are kept while the vocabulary has no more words than this; single notes always are.
  int max_words = 16384;
};

// The classic of LSTM tutorials: each note or chord with its duration is one word ("60.64.67:4"), and so is each step
// in time ("+2"). The words are learned from `corpus`; with them the corpus's median tempo, and whether it is drums.
// Errors: no_notes (nothing to learn), invalid_argument (an option out of range).
Result<std::shared_ptr<const Tokenizer>> make_note_chord(std::span<const score::Score> corpus,
                                                         const NoteChordOptions& options = {});
// Errors: malformed, unsupported.
Result<std::shared_ptr<const Tokenizer>> note_chord_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
