#pragma once

#include "continuo/corpus/split.h"

namespace continuo::dataset {

// The parts of a data set are those of the collection that it was made of.
using corpus::kSplitCount;
using corpus::Split;
using corpus::split_from_string;
using corpus::to_string;

}  // namespace continuo::dataset
