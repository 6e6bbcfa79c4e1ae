#pragma once

#include <cstdint>

#include "data/batch_source.h"

namespace continuo::train {

// The rows first .. first + rows of a batch, in its memory where that is possible; `count` is their own. Without the
// weights of rows, which are of validation. Requires: targets in the order of their rows, as BatchSource gives them.
Batch rows_of(const Batch& batch, std::int64_t first, std::int64_t rows);

}  // namespace continuo::train
