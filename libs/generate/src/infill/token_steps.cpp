#include "token_steps.h"

#include <cmath>
#include <string>

namespace continuo::generate {
namespace {

constexpr double kStepTolerance = 0.1;  // Units: quarters

Error unsupported(std::string what) { return {ErrorCode::unsupported, std::move(what), {}, {}}; }

}  // namespace

bool TokenSteps::can_count(const tokens::Tokenizer& tokenizer) {
  return tokenizer.length_meter()->position_range().by_count &&
         tokenizer.traits().time_domain == tokens::TimeDomain::kMusical;
}

TokenSteps::TokenSteps(const tokens::Tokenizer& tokenizer, const score::Score& decoded)
    : ticks_per_quarter_(decoded.ticks_per_quarter) {
  const auto meter = tokenizer.length_meter();
  per_step_ = std::size_t(meter->position_range().slots);
  for (std::size_t i = 0; i < per_step_; ++i) meter->accept(tokens::kMask);
  quarters_per_step_ = double(decoded.tempo_map().to_ticks(meter->elapsed()).value) / ticks_per_quarter_;
}

score::Ticks TokenSteps::at(std::size_t token) const {
  const std::size_t step = token / per_step_;
  return score::Ticks(std::llround(double(step) * quarters_per_step_ * ticks_per_quarter_));
}

Result<std::size_t> TokenSteps::find_token(double quarters) const {
  const double step = std::round(quarters / quarters_per_step_);
  if (std::abs(step * quarters_per_step_ - quarters) < kStepTolerance) return std::size_t(step) * per_step_;
  return unsupported("these bars do not begin and end with steps of the tokenisation's grid");
}

Result<TokenRange> TokenSteps::find(const score::Score& primer, score::Ticks begin, score::Ticks end,
                                    std::size_t size) const {
  TokenRange range;
  CONTINUO_ASSIGN(range.begin, find_token(double(begin.value) / primer.ticks_per_quarter));
  CONTINUO_ASSIGN(range.end, find_token(double(end.value) / primer.ticks_per_quarter));
  if (range.begin <= size) return range;
  return unsupported("these bars come after the last note, and the tokenisation ends with it");
}

}  // namespace continuo::generate
