#include "bars.h"

#include <algorithm>

namespace continuo::notation::written {
namespace {

constexpr int kFinestDenominator = 128, kMostBeats = 255;  // that a time signature may have

using Parts = std::span<const Part* const>;

const Meter* meter_at(Parts parts, std::size_t index) {
  for (const Part* part : parts) {
    if (index < part->measures.size() && part->measures[index].meter) return &*part->measures[index].meter;
  }
  return nullptr;
}

// The signature that a bar would have if it had one of its own.
bool set_own_meter(WrittenBar& bar, Units whole) {
  for (int denominator = bar.denominator; denominator <= kFinestDenominator; denominator *= 2) {
    if (bar.length * denominator % whole != 0) continue;
    const Units numerator = bar.length * denominator / whole;
    if (numerator > kMostBeats) return false;
    bar.numerator = static_cast<int>(numerator);
    bar.denominator = denominator;
    bar.bar_length = bar.length;
    return true;
  }
  return false;
}

WrittenBar bar_of(const WrittenScore& score, Parts parts, std::size_t index) {
  const Meter* given = meter_at(parts, index);
  const Meter meter = given != nullptr ? *given : Meter{};
  const Units quarter = score.units_per_quarter;
  WrittenBar bar{.length = 0,
                 .bar_length = meter.bar_length(4 * quarter),
                 .numerator = meter.numerator,
                 .denominator = meter.denominator,
                 .is_free = meter.is_free};
  for (const Part* part : parts) {
    if (index >= part->measures.size()) continue;
    bar.length = std::max(bar.length, part->measures[index].length);
    bar.continues_bar |= part->measures[index].is_implicit;
  }
  if (!score.conventions.odd_measures_have_own_meter) return bar;
  if (bar.length == 0 || std::abs(bar.bar_length - bar.length) < quarter / 32) bar.length = bar.bar_length;
  if (given == nullptr) set_own_meter(bar, 4 * quarter);
  return bar;
}

bool is_odd(const WrittenBar& bar) { return !bar.is_free && bar.length != bar.bar_length; }

// Two measures that are a bar together.
bool complete_each_other(const WrittenBar& a, const WrittenBar& b) {
  return is_odd(a) && is_odd(b) && a.bar_length == b.bar_length && a.length + b.length == a.bar_length;
}

// Nothing but the measures before and after it is played next to it.
bool is_inside(const std::vector<Navigation>& navigation, std::size_t index) {
  const auto breaks_after = [](const Navigation& n) {
    return n.ends_section || n.passes > 0 || n.da_capo || n.dal_segno || n.to_coda || n.fine;
  };
  const auto breaks_before = [](const Navigation& n) {
    return n.starts_repeat || !n.endings.empty() || n.segno || n.coda;
  };
  const Navigation &before = navigation[index - 1], &here = navigation[index], &after = navigation[index + 1];
  return !breaks_after(before) && !breaks_before(here) && !breaks_after(here) && !breaks_before(after);
}

// Brackets that close before the repeat sign that belongs to them: "[1 |  :|[2 |". They last up to it.
void lengthen_endings(std::vector<Navigation>& navigation) {
  const auto shares_pass = [](const Navigation& a, const Navigation& b) {
    return std::any_of(a.endings.begin(), a.endings.end(),
                       [&](int p) { return std::find(b.endings.begin(), b.endings.end(), p) != b.endings.end(); });
  };
  for (std::size_t head = 0; head < navigation.size(); ++head) {
    if (navigation[head].endings.empty()) continue;
    std::size_t last = head;
    while (last + 1 < navigation.size() && navigation[last].passes == 0 && navigation[last + 1].endings.empty() &&
           !navigation[last + 1].starts_repeat)
      ++last;
    const bool leads_on = navigation[last].passes > 0 && last + 1 < navigation.size() &&
                          !navigation[last + 1].endings.empty() && !shares_pass(navigation[head], navigation[last + 1]);
    for (std::size_t i = head; leads_on && i < last; ++i) navigation[i].ends_section = false;
  }
}

// Measures that do not add up: two that are a bar together stay one; another gets a meter of its own, unless a repeat
// sign or a jump next to it says that the rest of its bar is elsewhere.
void mend_odd_bars(const WrittenScore& score, Parts parts, SharedBars& shared, Diagnostics& diagnostics) {
  std::vector<WrittenBar>& bars = shared.bars;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const bool is_begun = i > 1 && bars[i - 1].continues_bar && complete_each_other(bars[i - 2], bars[i - 1]);
    if (!is_begun && complete_each_other(bars[i - 1], bars[i])) bars[i].continues_bar = true;
  }
  for (std::size_t i = 1; i + 1 < bars.size(); ++i) {
    const bool is_split = bars[i].continues_bar || bars[i + 1].continues_bar;
    if (!is_odd(bars[i]) || is_split || !is_inside(shared.navigation, i)) continue;
    const WrittenBar written = bars[i];
    if (set_own_meter(bars[i], 4 * score.units_per_quarter)) report_odd_bar(score, parts, i, written, diagnostics);
  }
}

}  // namespace

void report_odd_bar(const WrittenScore& score, Parts parts, std::size_t index, const WrittenBar& bar,
                    Diagnostics& diagnostics) {
  const auto part = std::find_if(parts.begin(), parts.end(), [&](const Part* p) { return index < p->measures.size(); });
  diagnostics.add_once(DiagnosticKind::bar_length, (*part)->measures[index].place,
                       odd_bar_text(bar.length, 4 * score.units_per_quarter, bar.numerator, bar.denominator));
}

SharedBars shared_bars(const WrittenScore& score, Parts parts, Diagnostics& diagnostics) {
  SharedBars shared;
  std::vector<Navigation>& navigation = shared.navigation;
  for (const Part* part : parts) {
    navigation.resize(std::max(navigation.size(), part->measures.size()));
    for (std::size_t i = 0; i < part->measures.size(); ++i)
      navigation[i] = merged(navigation[i], part->measures[i].navigation);
    if (shared.sections.empty()) shared.sections = part->sections;
  }
  if (score.conventions.endings_last_to_repeat) lengthen_endings(navigation);
  for (std::size_t i = 0; i < navigation.size(); ++i) shared.bars.push_back(bar_of(score, parts, i));
  if (score.conventions.odd_measures_have_own_meter) mend_odd_bars(score, parts, shared, diagnostics);
  return shared;
}

}  // namespace continuo::notation::written
