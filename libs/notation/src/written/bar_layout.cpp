#include "bar_layout.h"

#include <algorithm>
#include <numeric>

namespace continuo::notation {
namespace {

bool same_meter(const WrittenBar& a, const WrittenBar& b) {
  return a.numerator == b.numerator && a.denominator == b.denominator && a.is_free == b.is_free;
}

// Walks over the played measures with the bar that the last ones have begun: `begun_` is its onset, and it is full as
// soon as its length is the meter's. A measure that may not complete a bar that is not full ends it, as irregular.
class Layout {
 public:
  explicit Layout(std::span<const WrittenBar> bars) : bars_(bars) {}

  BarLayout run(std::vector<PlayedBar> played) {
    layout_.bars = std::move(played);
    if (layout_.bars.empty()) return std::move(layout_);
    add_pickup();
    for (std::size_t i = 0; i < layout_.bars.size(); ++i) place(i);
    check_last_bar();
    return std::move(layout_);
  }

 private:
  const WrittenBar& written(std::size_t played) const { return bars_[layout_.bars[played].index]; }

  void report(std::size_t played, const WrittenBar& meter) {
    layout_.odd_bars.push_back({layout_.bars[played].index, meter.numerator, meter.denominator});
  }

  void add_pickup() {
    const WrittenBar& first = written(0);
    if (!first.is_free && layout_.bars.size() > 1) layout_.pickup = std::max<Units>(0, first.bar_length - first.length);
    for (PlayedBar& bar : layout_.bars) bar.onset += layout_.pickup;
  }

  // Ends the bar that has been begun, before it is full, with the measure before `i`.
  void end_bar_before(std::size_t i) {
    const Units onset = layout_.bars[i].onset;
    if (onset == begun_) return;
    report(i - 1, *meter_);
    layout_.irregular.push_back({begun_, onset - begun_});
    begun_ = onset;
  }

  void change_meter(std::size_t i) {
    const WrittenBar& bar = written(i);
    const bool is_first = meter_ == nullptr;
    if (!is_first && !meter_->is_free) end_bar_before(i);
    meter_ = &bar;
    begun_ = is_first ? 0 : layout_.bars[i].onset;
    if (!bar.is_free) layout_.meters.push_back({begun_, bar.numerator, bar.denominator});
  }

  void place(std::size_t i) {
    PlayedBar& p = layout_.bars[i];
    const WrittenBar& bar = written(i);
    if (meter_ == nullptr || !same_meter(*meter_, bar)) change_meter(i);
    if (bar.is_free) return;
    const bool may_complete = p.is_after_break || bar.continues_bar || i == 0;
    if (!(may_complete && p.onset + p.length <= begun_ + bar.bar_length)) end_bar_before(i);
    p.bar_position = p.onset - begun_;
    const Units end = p.onset + p.length;
    if (p.length > bar.bar_length) report(i, bar);
    if (end - begun_ > bar.bar_length && p.length % bar.bar_length != 0)
      layout_.irregular.push_back({begun_, end - begun_});
    if (end - begun_ >= bar.bar_length) begun_ = end;
  }

  // Some pickup in the music is what this bar lacks.
  bool completes_a_bar(Units length) const {
    return std::any_of(layout_.bars.begin(), layout_.bars.end(),
                       [length](const PlayedBar& p) { return p.is_after_break && p.length == length; });
  }

  void check_last_bar() {
    const PlayedBar& last = layout_.bars.back();
    const WrittenBar& bar = written(layout_.bars.size() - 1);
    const Units missing = bar.bar_length - last.bar_position - last.length;
    if (!bar.is_free && missing > 0 && layout_.bars.size() > 1 && !completes_a_bar(missing))
      report(layout_.bars.size() - 1, bar);
  }

  std::span<const WrittenBar> bars_;
  BarLayout layout_;
  const WrittenBar* meter_ = nullptr;  // in force
  Units begun_ = 0;
};

}  // namespace

std::string odd_bar_text(Units length, Units whole, int numerator, int denominator) {
  const Units common = std::gcd(length, whole);
  return "a bar of " + std::to_string(length / common) + "/" + std::to_string(whole / common) + " in " +
         std::to_string(numerator) + "/" + std::to_string(denominator) + " time";
}

std::vector<PlayedBar> played_in_order(std::span<const Navigation> navigation, std::span<const WrittenBar> bars,
                                       std::span<const Section> sections) {
  std::vector<PlayedBar> played;
  Units onset = 0;
  for (const std::size_t index : play_order(navigation, sections)) {
    const bool jumped = played.empty() || played.back().index + 1 != index;
    const bool after_break = jumped || navigation[index].starts_repeat || !navigation[index].endings.empty() ||
                             navigation[index - 1].ends_section;
    played.push_back({index, onset, bars[index].length, 0, after_break});
    onset += bars[index].length;
  }
  return played;
}

BarLayout lay_out_bars(std::span<const Navigation> navigation, std::span<const WrittenBar> bars,
                       std::span<const Section> sections) {
  return Layout(bars).run(played_in_order(navigation, bars, sections));
}

}  // namespace continuo::notation
