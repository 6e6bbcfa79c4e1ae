#pragma once

#include <cstdint>

#include "continuo/base/hash.h"
#include "continuo/dataset/dataset.h"

namespace continuo::dataset {

// Of all tokens, piece after piece: the same for the same music, whatever files it came from. `basis` chains several.
std::uint64_t content_hash(const TokenSequences& pieces, std::uint64_t basis = kFnvBasis);

}  // namespace continuo::dataset
