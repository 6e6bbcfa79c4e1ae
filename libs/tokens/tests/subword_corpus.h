#pragma once

#include <memory>
#include <string_view>

#include "continuo/tokens/subwords.h"

namespace continuo::tokens {

// Subwords of a tokenisation, learned from random music: BPE, or with " unigram" behind the name Unigram. Made once for
// each name and split.
std::shared_ptr<const SubwordTokenizer> trained_on_random_music(std::string_view name, WordSplit split);

}  // namespace continuo::tokens
