#include "continuo/score/bar_grid.h"

#include <algorithm>
#include <iterator>

namespace continuo::score {
namespace {

constexpr int kFinestDenominator = 128, kMostBeats = 255;  // of a time signature

template <typename Event>
bool is_earlier(const Event& a, const Event& b) {
  return a.onset < b.onset;
}

// In order, and one for each tick: the last.
template <typename Event>
std::vector<Event> in_order(std::vector<Event> events, std::vector<Event> kept = {}) {
  std::stable_sort(events.begin(), events.end(), is_earlier<Event>);
  for (const Event& event : events) {
    if (!kept.empty() && kept.back().onset == event.onset) kept.pop_back();
    kept.push_back(event);
  }
  return kept;
}

// Bars must reach beyond this tick: the last note's onset or the last tick that sounds.
Ticks last_needed_tick(const Score& score) {
  Ticks last;
  for (const Track& track : score.tracks) {
    for (const Note& note : track.notes) last = std::max({last, note.onset, note.end() - Ticks(1)});
  }
  return last;
}

// The bars of a score, one after the other. Bar lines are where a bar of its length ends, or where a signature or an
// irregular bar begins before that.
class BarWalk {
 public:
  explicit BarWalk(const Score& score)
      : ticks_per_quarter_(score.ticks_per_quarter),
        last_(last_needed_tick(score)),
        signatures_(in_order(score.time_signatures, {TimeSignature{}})),
        irregular_(in_order(score.irregular_bars)) {
    std::erase_if(irregular_, [](const IrregularBar& bar) { return bar.length <= Ticks(0); });
  }

  std::vector<Bar> run() {
    for (Ticks onset; onset <= last_; onset = bars_.back().end()) {
      bars_.push_back(bar_at(onset));
      if (bars_.size() == BarGrid::kMaxBars) {
        bars_.back().length = std::max(bars_.back().length, last_ + Ticks(1) - onset);
        break;
      }
    }
    return std::move(bars_);
  }

 private:
  Bar bar_at(Ticks onset) {
    while (next_signature_ < signatures_.size() && signatures_[next_signature_].onset <= onset) ++next_signature_;
    while (next_irregular_ < irregular_.size() && irregular_[next_irregular_].onset < onset) ++next_irregular_;
    const TimeSignature& signature = signatures_[next_signature_ - 1];
    Ticks length = signature.bar_length(ticks_per_quarter_);
    if (next_irregular_ < irregular_.size() && irregular_[next_irregular_].onset == onset)
      length = irregular_[next_irregular_++].length;
    if (next_signature_ < signatures_.size()) length = until(signatures_[next_signature_].onset, onset, length);
    if (next_irregular_ < irregular_.size()) length = until(irregular_[next_irregular_].onset, onset, length);
    return {onset, length, signature};
  }

  // What begins after the last note cuts no bar.
  Ticks until(Ticks next, Ticks onset, Ticks length) const {
    return next > last_ ? length : std::min(length, next - onset);
  }

  std::int32_t ticks_per_quarter_;
  Ticks last_;
  std::vector<TimeSignature> signatures_;
  std::vector<IrregularBar> irregular_;
  std::size_t next_signature_ = 0, next_irregular_ = 0;
  std::vector<Bar> bars_;
};

}  // namespace

BarGrid::BarGrid(const Score& score) : bars_(BarWalk(score).run()) {}

std::size_t BarGrid::index_at(Ticks time) const {
  const auto next =
      std::upper_bound(bars_.begin(), bars_.end(), time, [](Ticks t, const Bar& bar) { return t < bar.onset; });
  return next == bars_.begin() ? 0 : static_cast<std::size_t>(std::distance(bars_.begin(), next)) - 1;
}

std::optional<BarFraction> bar_fraction(std::int64_t length, std::int64_t whole, int denominator) {
  for (; denominator <= kFinestDenominator; denominator *= 2) {
    if (length * denominator % whole != 0) continue;
    const std::int64_t numerator = length * denominator / whole;
    if (numerator > kMostBeats) return std::nullopt;
    return BarFraction{static_cast<int>(numerator), denominator};
  }
  return std::nullopt;
}

std::vector<TimeSignature> signatures_of_bars(const Score& score) {
  if (score.irregular_bars.empty()) return score.time_signatures;
  const std::vector<TimeSignature> written = in_order(score.time_signatures, {TimeSignature{}});
  const std::vector<IrregularBar> irregular = in_order(score.irregular_bars);
  std::vector<TimeSignature> signatures = score.time_signatures;
  for (std::size_t i = 0; i < irregular.size(); ++i) {
    const Ticks onset = irregular[i].onset;
    const auto next = std::upper_bound(written.begin(), written.end(), TimeSignature{onset}, is_earlier<TimeSignature>);
    const TimeSignature meter = *std::prev(next);
    Ticks end = irregular[i].end();
    if (next != written.end()) end = std::min(end, next->onset);
    if (i + 1 < irregular.size()) end = std::min(end, irregular[i + 1].onset);
    const auto own = bar_fraction((end - onset).value, std::int64_t{4} * score.ticks_per_quarter, meter.denominator);
    signatures.push_back({onset, own ? own->numerator : meter.numerator, own ? own->denominator : meter.denominator});
    if (next == written.end() || end != next->onset) signatures.push_back({end, meter.numerator, meter.denominator});
  }
  return in_order(std::move(signatures));
}

}  // namespace continuo::score
