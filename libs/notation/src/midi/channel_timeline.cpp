#include "channel_timeline.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

namespace continuo::notation {
namespace {

using score::ControlChange;
using score::PitchBend;
using score::Pressure;
using score::Ticks;

// Among bends and pressures, the value of a reset of all controllers, which brings them to 0. Source: MIDI 1.0,
// Recommended Practice 15.
constexpr std::int16_t kReset = std::numeric_limits<std::int16_t>::min();

// A channel has one bend, a pressure of its own and one of each key.
constexpr std::size_t kPlaces = 129;
std::size_t place_of(const PitchBend&) { return 0; }
std::size_t place_of(const Pressure& pressure) { return static_cast<std::size_t>(pressure.key + 1); }
PitchBend at_place(std::size_t, Ticks onset, std::int16_t value, const PitchBend*) { return {onset, value}; }
Pressure at_place(std::size_t place, Ticks onset, std::int16_t value, const Pressure*) {
  return {onset, static_cast<std::int16_t>(static_cast<int>(place) - 1), value};
}

// A reset undoes what its tick has set before. In a track it comes before the bends and pressures of its tick, so those
// become 0.
template <typename Event>
void undo_before_resets(std::vector<Event>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].value != kReset) continue;
    for (std::size_t j = i; j > 0 && events[j - 1].onset == events[i].onset && events[j - 1].value != kReset; --j) {
      events[j - 1].value = 0;
    }
  }
}

struct Span {
  Ticks begin, end;
};

// From the first onset to the last end.
Span span_of(const score::Track& track) {
  Span span{track.notes.front().onset, track.notes.front().end()};
  for (const score::Note& note : track.notes) span.end = std::max(span.end, note.end());
  return span;
}

// Of one tick the first chunk's events stay the first.
template <typename Event>
void merge_by_onset(std::vector<Event>& events) {
  if (!std::ranges::is_sorted(events, {}, &Event::onset)) std::ranges::stable_sort(events, {}, &Event::onset);
}

// What has been set by the beginning, also where it is 0 (another track of the channel may have seen another value
// last), and each later change of it.
template <typename Event>
void give_changes(const std::vector<Event>& events, const Span& span, std::vector<Event>& view) {
  std::array<std::optional<std::int16_t>, kPlaces> values{};
  auto next = events.begin();
  const auto feed = [&] {
    if (next->value != kReset) return std::exchange(values[place_of(*next)], next->value).value_or(0) != next->value;
    for (auto& value : values) {
      if (value) value = std::int16_t{0};
    }
    return false;
  };
  for (; next != events.end() && next->onset <= span.begin; ++next) feed();
  for (std::size_t place = 0; place < kPlaces; ++place) {
    if (values[place]) view.push_back(at_place(place, span.begin, *values[place], view.data()));
  }
  for (; next != events.end() && next->onset <= span.end; ++next) {
    if (feed()) view.push_back(*next);
  }
}

}  // namespace

void ChannelTimeline::add_place(const Moment& at, const ControlChange& control) {
  if (is_bank(control.controller)) return banks_.push_back({at, control.controller, control.value});
  has_resets_ = true;
  bends_.push_back({control.onset, kReset});
  pressures_.push_back({control.onset, Pressure::kAllKeys, kReset});
}

void ChannelTimeline::merge() {
  std::ranges::sort(programs_, {}, &Program::at);
  std::ranges::sort(banks_, {}, &Bank::at);
  merge_by_onset(controls_);
  merge_by_onset(bends_);
  merge_by_onset(pressures_);
  if (!banks_.empty()) latch_banks();
  if (!has_resets_) return;
  undo_before_resets(bends_);
  undo_before_resets(pressures_);
}

// A bank takes effect with the next program change: of several before it the last. Those of the tick of that change
// stay where they are, earlier ones move to it, and those that no program change follows never take effect.
void ChannelTimeline::latch_banks() {
  std::vector<bool> stays(banks_.size());
  std::vector<ControlChange> moved;
  std::size_t next = 0;
  for (const Program& program : programs_) {
    std::array<const Bank*, 2> waiting{};
    for (; next < banks_.size() && banks_[next].at < program.at; ++next) {
      stays[next] = banks_[next].at.time == program.at.time;
      waiting[banks_[next].controller == kBankFine] = stays[next] ? nullptr : &banks_[next];
    }
    for (const Bank* bank : waiting) {
      if (bank != nullptr) moved.push_back({Ticks(program.at.time), bank->controller, bank->value});
    }
  }
  std::size_t bank = 0;
  std::erase_if(controls_, [&](const ControlChange& each) { return is_bank(each.controller) && !stays[bank++]; });
  controls_.insert(controls_.begin(), moved.begin(), moved.end());  // they are the first of their ticks
  merge_by_onset(controls_);
}

bool ChannelTimeline::has_one_program() const {
  return std::all_of(programs_.begin(), programs_.end(),
                     [&](const Program& each) { return each.program == programs_.front().program; }) &&
         (programs_.empty() || programs_.front().at.time == 0 || programs_.front().program == 0);
}

std::uint8_t ChannelTimeline::Programs::at(const Moment& moment) {
  const std::vector<Program>& programs = channel_.programs_;
  while (passed_ < programs.size() && programs[passed_].at < moment) ++passed_;
  if (passed_ > 0) return programs[passed_ - 1].program;
  return !programs.empty() && programs.front().at.time == moment.time ? programs.front().program : std::uint8_t{0};
}

void ChannelTimeline::give_all(score::Track& track) {
  if (has_resets_) {
    std::erase_if(bends_, [](const PitchBend& each) { return each.value == kReset; });
    std::erase_if(pressures_, [](const Pressure& each) { return each.value == kReset; });
  }
  track.controls = std::move(controls_);
  track.pitch_bends = std::move(bends_);
  track.pressures = std::move(pressures_);
}

// Only changes of the state are kept, and the state at the beginning is placed there whenever it came about. So a view
// depends on what the channel sounds like alone: it stays the same when tracks that share a channel are written, each
// with its view, and read again.
void ChannelTimeline::give_view(score::Track& track) const {
  Span span = span_of(track);
  ControlState state;
  std::vector<ControlChange> before;  // done with once the state is known
  auto next = controls_.begin();
  for (; next != controls_.end() && next->onset <= span.begin; ++next) state.feed(*next, before);
  track.controls = state.events_at(span.begin);
  std::ranges::copy_if(before, std::back_inserter(track.controls), [&](const ControlChange& each) {
    return each.onset == span.begin && is_for_next_note(each.controller);
  });
  for (; next != controls_.end(); ++next) {
    if (next->onset > span.end) {
      if (!state.is_held()) break;
      span.end = next->onset;  // notes sound until the pedal is lifted
    }
    state.feed(*next, track.controls);
  }
  give_changes(bends_, span, track.pitch_bends);
  give_changes(pressures_, span, track.pressures);
}

}  // namespace continuo::notation
