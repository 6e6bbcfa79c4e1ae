#pragma once

#include <span>

#include "continuo/generate/options.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::generate {

// The words of the kinds that have a temperature of their own.
// Errors: invalid_argument (a kind of which there are not two words to draw, naming those of which there are; the same
// kind twice; a temperature out of its range).
Result<sampling::TokenGroups> groups_of(const tokens::Tokenizer& tokenizer, std::span<const KindTemperature> kinds);

}  // namespace continuo::generate
