#pragma once

#include "sequence_counts.h"

namespace continuo::tokens {

// A sequence of symbols that occurs in the corpus, and how often.
struct Seed {
  const Symbol* symbols = nullptr;  // in the corpus
  std::uint32_t length = 0;
  std::uint64_t count = 0;
};

// All single symbols that occur, and of the longer repeats (up to `longest` symbols, and such as cannot be longer
// without being rarer) the `most` that cover the most. Each distinct sequence counts once. Memory: 5 bytes for each
// symbol.
std::vector<Seed> find_seeds(const SequenceCounts& sequences, std::size_t longest, std::size_t most);

}  // namespace continuo::tokens
