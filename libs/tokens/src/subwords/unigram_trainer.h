#pragma once

#include "sequence_counts.h"
#include "subword_model.h"

namespace continuo::tokens {

// Fills `model` with options.words words and their scores. `symbols`: how many there are, special ones included.
// Errors: interrupted.
Status learn_unigram(const SequenceCounts& sequences, int symbols, const SubwordOptions& options, Progress& progress,
                     SubwordModel& model);

}  // namespace continuo::tokens
