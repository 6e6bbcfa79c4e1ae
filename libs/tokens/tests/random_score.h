#pragma once

#include <cstdint>

#include "continuo/score/score.h"

namespace continuo::tokens {

// Music of no sense and every awkwardness: overlapping and doubled notes, notes of no length, several instruments and
// drums, pedals, tempi and meters in odd places and of odd sizes, long silences. The same for the same arguments.
score::Score random_score(std::uint64_t seed, int notes);

}  // namespace continuo::tokens
