#pragma once

#include <filesystem>

#include "continuo/base/result.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/kernels/precision.h"

namespace continuo::engine {

// Writes a copy of a checkpoint whose matrices are stored in `precision`; the embeddings of places, slots and
// positions, norms and biases stay F32. int8: each row has the scale max |w| / 127. Errors: those of write_checkpoint
// and of reading weights; malformed (a weight does not fit fp16).
Status write_quantized(const checkpoint::Checkpoint& checkpoint, kernels::Precision precision,
                       const std::filesystem::path& path);

}  // namespace continuo::engine
