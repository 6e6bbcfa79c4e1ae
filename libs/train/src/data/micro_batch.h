#pragma once

#include <cstdint>

#include "data/batch_source.h"

namespace continuo::train {

// The rows first .. first + rows of a batch, in its memory where that is possible; `count` is their own. Without the
// weights of rows, which are of validation. Requires: targets in the order of their rows, as BatchSource gives them.
Batch rows_of(const Batch& batch, std::int64_t first, std::int64_t rows);

// The tensors on a device; from pinned memory while this goes on with something else. The same batch for the CPU.
Batch moved_to(const Batch& batch, torch::Device device);
// The tensors in memory that a GPU reads by itself. Requires: a libtorch with CUDA.
Batch pinned(const Batch& batch);

}  // namespace continuo::train
