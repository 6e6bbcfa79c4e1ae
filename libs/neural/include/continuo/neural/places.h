#pragma once

#include <cstdint>
#include <span>

#include <torch/types.h>

#include "continuo/base/musical_place.h"

namespace continuo::neural {

// Pass::places of the first `time` columns. Shape: places [rows, places.size() / rows] -> [2, rows, time] int64.
// Requires: rows divides places.size(); time is at most the number of columns.
torch::Tensor places_tensor(std::span<const MusicalPlace> places, std::int64_t rows, std::int64_t time);

}  // namespace continuo::neural
