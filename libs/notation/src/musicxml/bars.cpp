#include <algorithm>

#include "score.h"

namespace continuo::notation::musicxml {
namespace {

constexpr int kFinestDenominator = 128, kMostBeats = 255;  // that a time signature may have

const Meter* meter_at(const WrittenScore& score, std::size_t index) {
  for (const Part& part : score.parts) {
    if (index < part.measures.size() && part.measures[index].meter) return &*part.measures[index].meter;
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

WrittenBar bar_of(const WrittenScore& score, std::size_t index) {
  const Meter* given = meter_at(score, index);
  const Meter meter = given != nullptr ? *given : Meter{};
  const Units quarter = score.units_per_quarter;
  WrittenBar bar{.length = 0,
                 .bar_length = 4 * quarter * meter.numerator / meter.denominator,
                 .numerator = meter.numerator,
                 .denominator = meter.denominator,
                 .is_free = meter.is_free};
  for (const Part& part : score.parts) {
    if (index >= part.measures.size()) continue;
    bar.length = std::max(bar.length, part.measures[index].length);
    bar.continues_bar |= part.measures[index].is_implicit;
  }
  if (bar.length == 0 || std::abs(bar.bar_length - bar.length) < quarter / 32) bar.length = bar.bar_length;
  if (given == nullptr) set_own_meter(bar, 4 * quarter);
  return bar;
}

bool is_odd(const WrittenBar& bar) { return !bar.is_free && bar.length != bar.bar_length; }

// Two measures that are a bar together.
bool complete_each_other(const WrittenBar& a, const WrittenBar& b) {
  return is_odd(a) && is_odd(b) && a.bar_length == b.bar_length && a.length + b.length == a.bar_length;
}

// Nothing but the measures before and behind is played beside it.
bool is_inside(const std::vector<Navigation>& navigation, std::size_t index) {
  const auto breaks_behind = [](const Navigation& n) {
    return n.ends_section || n.passes > 0 || n.da_capo || n.dal_segno || n.to_coda || n.fine;
  };
  const auto breaks_before = [](const Navigation& n) {
    return n.starts_repeat || !n.endings.empty() || n.segno || n.coda;
  };
  const Navigation &before = navigation[index - 1], &here = navigation[index], &behind = navigation[index + 1];
  return !breaks_behind(before) && !breaks_before(here) && !breaks_behind(here) && !breaks_before(behind);
}

void report(const WrittenScore& score, std::size_t index, const WrittenBar& bar, Diagnostics& log) {
  const auto part =
      std::find_if(score.parts.begin(), score.parts.end(), [&](const Part& p) { return index < p.measures.size(); });
  log.add_once(DiagnosticKind::bar_length, "measure " + part->measures[index].number,
               odd_bar_text(bar.length, 4 * score.units_per_quarter, bar.numerator, bar.denominator));
}

}  // namespace

std::vector<Navigation> navigation_of(const WrittenScore& score) {
  std::vector<Navigation> navigation;
  for (const Part& part : score.parts) {
    navigation.resize(std::max(navigation.size(), part.measures.size()));
    for (std::size_t i = 0; i < part.measures.size(); ++i)
      navigation[i] = merged(navigation[i], part.measures[i].navigation);
  }
  const auto shares_pass = [](const Navigation& a, const Navigation& b) {
    return std::any_of(a.endings.begin(), a.endings.end(),
                       [&](int p) { return std::find(b.endings.begin(), b.endings.end(), p) != b.endings.end(); });
  };
  // Brackets that close before the repeat sign that belongs to them: "[1 |  :|[2 |". They last up to it.
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
  return navigation;
}

std::vector<WrittenBar> bars_of(const WrittenScore& score, const std::vector<Navigation>& navigation,
                                Diagnostics& log) {
  std::vector<WrittenBar> bars;
  for (std::size_t i = 0; i < navigation.size(); ++i) bars.push_back(bar_of(score, i));
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const bool is_begun = i > 1 && bars[i - 1].continues_bar && complete_each_other(bars[i - 2], bars[i - 1]);
    if (!is_begun && complete_each_other(bars[i - 1], bars[i])) bars[i].continues_bar = true;
  }
  for (std::size_t i = 1; i + 1 < bars.size(); ++i) {
    if (!is_odd(bars[i]) || bars[i].continues_bar || bars[i + 1].continues_bar || !is_inside(navigation, i)) continue;
    const WrittenBar written = bars[i];
    if (set_own_meter(bars[i], 4 * score.units_per_quarter)) report(score, i, written, log);
  }
  return bars;
}

void report_odd_bars(const WrittenScore& score, const BarLayout& layout, const std::vector<WrittenBar>& bars,
                     Diagnostics& log) {
  for (const auto& [index, numerator, denominator] : layout.odd_bars) {
    WrittenBar bar = bars[index];
    bar.numerator = numerator;
    bar.denominator = denominator;
    report(score, index, bar, log);
  }
}

}  // namespace continuo::notation::musicxml
