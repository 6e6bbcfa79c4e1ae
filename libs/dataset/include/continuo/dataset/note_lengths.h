#pragma once

#include <cstddef>

#include "continuo/dataset/dataset.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::dataset {

// The length that a `share` of the notes of `pieces` keep to, as their tokens decode; 0 without notes. Of more than
// `most_pieces` as many are read, evenly spread. Units: quarters, or seconds where the tokenisation is in clock time.
// Requires: tokens of `tokenizer`; 0 < share <= 1; most_pieces >= 1.
double longest_note_of(const TokenSequences& pieces, const tokens::Tokenizer& tokenizer, double share,
                       std::size_t most_pieces);

}  // namespace continuo::dataset
