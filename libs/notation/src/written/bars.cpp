#include "bars.h"

#include <algorithm>

#include "continuo/score/bar_grid.h"

namespace continuo::notation::written {
namespace {

using Parts = std::span<const Part* const>;

const Meter* meter_at(Parts parts, std::size_t index) {
  for (const Part* part : parts) {
    if (index < part->measures.size() && part->measures[index].meter) return &*part->measures[index].meter;
  }
  return nullptr;
}

// The signature of its own length, where nothing says what its meter is.
void set_own_meter(WrittenBar& bar, Units whole) {
  const auto own = score::bar_fraction(bar.length, whole, bar.denominator);
  if (!own) return;
  bar.numerator = own->numerator;
  bar.denominator = own->denominator;
  bar.bar_length = bar.length;
}

// What all parts have in a measure.
struct Content {
  Units length = 0;
  Units rest_length = 0;   // of rests for the whole measure
  bool fills_bar = false;  // some voice ends where the bar of the meter does
  bool fits_bar = true;    // every note begins before that
};

Content content_of(Parts parts, std::size_t index, Units bar_length) {
  Content content;
  for (const Part* part : parts) {
    if (index >= part->measures.size()) continue;
    const Measure& measure = part->measures[index];
    content.length = std::max(content.length, measure.length);
    content.rest_length = std::max(content.rest_length, measure.rest_length);
    content.fills_bar |= measure.fills_bar || measure.length == bar_length;
    content.fits_bar &= std::ranges::all_of(measure.notes, [&](const Note& n) { return n.offset < bar_length; });
  }
  if (content.length == 0) content.length = content.rest_length > 0 ? content.rest_length : bar_length;
  return content;
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
  for (const Part* part : parts)
    bar.continues_bar |= index < part->measures.size() && part->measures[index].is_implicit;
  const Content content = content_of(parts, index, bar.bar_length);
  const bool is_overlong = content.length > bar.bar_length && content.fills_bar && content.fits_bar && !meter.is_free;
  const bool is_rounded = std::abs(bar.bar_length - content.length) < quarter / 32;
  bar.length = is_overlong || is_rounded ? bar.bar_length : content.length;
  if (given == nullptr) set_own_meter(bar, 4 * quarter);
  return bar;
}

bool is_odd(const WrittenBar& bar) { return !bar.is_free && bar.length != bar.bar_length; }

// Two measures that are a bar together.
bool complete_each_other(const WrittenBar& a, const WrittenBar& b) {
  return is_odd(a) && is_odd(b) && a.bar_length == b.bar_length && a.length + b.length == a.bar_length;
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

// Two neighbours that are a bar together stay one.
void join_halves(std::vector<WrittenBar>& bars) {
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const bool is_begun = i > 1 && bars[i - 1].continues_bar && complete_each_other(bars[i - 2], bars[i - 1]);
    if (!is_begun && complete_each_other(bars[i - 1], bars[i])) bars[i].continues_bar = true;
  }
}

}  // namespace

void report_odd_bar(const WrittenScore& score, Parts parts, std::size_t index, const WrittenBar& bar,
                    Diagnostics& diagnostics) {
  const auto part = std::find_if(parts.begin(), parts.end(), [&](const Part* p) { return index < p->measures.size(); });
  diagnostics.add_once(DiagnosticKind::bar_length, (*part)->measures[index].place,
                       odd_bar_text(bar.length, 4 * score.units_per_quarter, bar.numerator, bar.denominator));
}

SharedBars shared_bars(const WrittenScore& score, Parts parts) {
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
  join_halves(shared.bars);
  return shared;
}

}  // namespace continuo::notation::written
