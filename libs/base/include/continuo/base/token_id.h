#pragma once

#include <cstdint>

namespace continuo {

// A word's index in a Vocabulary, and a row of a model's embedding. Range: 0 to vocabulary size - 1.
using TokenId = std::int32_t;

}  // namespace continuo
