#include "bar_lines.h"

#include <algorithm>
#include <cmath>

namespace continuo::generate {
namespace {

constexpr double kLineTolerance = 0.1;  // Units: quarters
constexpr double kLostTime = 1;         // Units: quarters; quantisation moves an onset by much less

double last_onset_quarters(const score::Score& score) {
  score::Ticks last(0);
  for (const auto& track : score.tracks)
    for (const auto& note : track.notes) last = std::max(last, note.onset);
  return double(last.value) / score.ticks_per_quarter;
}

}  // namespace

// A subword may continue after the bar line that it contains, so the position of a line is measured with a plain bar
// line in place of the token.
TokenBarLines::TokenBarLines(const tokens::Tokenizer& tokenizer, TokenId bar_token, std::span<const TokenId> tokens,
                             const score::Score& decoded)
    : ticks_per_quarter_(decoded.ticks_per_quarter), last_onset_quarters_(last_onset_quarters(decoded)) {
  const auto map = decoded.tempo_map();
  const auto meter = tokenizer.length_meter();
  // In some tokenisations the first bar has no bar line.
  if (meter->bars_begun() > 0) lines_.push_back(score::Ticks(0));
  for (const TokenId token : tokens) {
    const auto line = meter->clone();
    meter->accept(token);
    while (line->bars_begun() < meter->bars_begun()) {
      line->accept(bar_token);
      lines_.push_back(map.to_ticks(line->elapsed()));
    }
  }
  meter->accept(bar_token);
  last_length_ = map.to_ticks(meter->elapsed()) - lines_.back();
}

score::Ticks TokenBarLines::at(std::size_t bar) const {
  if (bar < lines_.size()) return lines_[bar];
  return lines_.back() + last_length_ * std::int64_t(bar - lines_.size() + 1);
}

Result<std::size_t> TokenBarLines::find_line(double quarters) const {
  for (std::size_t bar = 0;; ++bar) {
    const double line = double(at(bar).value) / ticks_per_quarter_;
    if (std::abs(line - quarters) < kLineTolerance) return bar;
    if (line > quarters) break;
  }
  return Error{ErrorCode::unsupported, "these bars do not begin and end with bars of the tokenisation's grid"};
}

Status TokenBarLines::check_time(const score::Score& primer) const {
  if (last_onset_quarters(primer) - last_onset_quarters_ <= kLostTime) return {};
  return Error{ErrorCode::unsupported, "the piece has a silence too long for the tokenisation to count its bars"};
}

Result<TokenBars> TokenBarLines::around(const score::Score& primer, score::Ticks begin, score::Ticks end) const {
  CONTINUO_TRY(check_time(primer));
  const auto line_of = [&](std::size_t bar) { return double(at(bar).value) / ticks_per_quarter_; };
  const double first = double(begin.value) / primer.ticks_per_quarter,
               last = double(end.value) / primer.ticks_per_quarter;
  TokenBars bars;
  while (line_of(bars.begin + 1) <= first + kLineTolerance) ++bars.begin;
  bars.end = bars.begin + 1;
  while (line_of(bars.end) < last - kLineTolerance) ++bars.end;
  return bars;
}

Result<TokenBars> TokenBarLines::find(const score::Score& primer, score::Ticks begin, score::Ticks end) const {
  const double ticks_per_quarter = primer.ticks_per_quarter;
  CONTINUO_TRY(check_time(primer));
  CONTINUO_ASSIGN(const std::size_t first, find_line(double(begin.value) / ticks_per_quarter));
  CONTINUO_ASSIGN(const std::size_t last, find_line(double(end.value) / ticks_per_quarter));
  return TokenBars{first, last};
}

}  // namespace continuo::generate
