#pragma once

#include <string_view>

#include "continuo/base/result.h"

namespace continuo::corpus {

// The parts that a collection is divided into: to learn from, to choose a model by, to measure it once.
enum class Split { kTrain, kValidation, kTest };
inline constexpr int kSplitCount = 3;

std::string_view to_string(Split split);  // "train", "validation", "test"
// Errors: malformed.
Result<Split> split_from_string(std::string_view name);

}  // namespace continuo::corpus
