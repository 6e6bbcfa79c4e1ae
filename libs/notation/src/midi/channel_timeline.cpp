#include "channel_timeline.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace continuo::notation {
namespace {

using score::ControlChange;
using score::PitchBend;
using score::Pressure;
using score::TickPlace;
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

// A reset undoes what its tick has set before. In a track it comes before the bends and pressures of its place in the
// tick, so those become 0.
template <typename Event>
void undo_before_resets(std::vector<Event>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].value != kReset) continue;
    for (std::size_t j = i; j > 0; --j) {
      Event& before = events[j - 1];
      if (before.onset != events[i].onset || before.place != events[i].place || before.value == kReset) break;
      before.value = 0;
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
void merge_by_onset(std::vector<OfChunk<Event>>& events) {
  const auto onset_of = [](const OfChunk<Event>& each) { return each.event.onset; };
  if (!std::ranges::is_sorted(events, {}, onset_of)) std::ranges::stable_sort(events, {}, onset_of);
}

// The ticks in which notes of a track begin and end, for the places of events that other chunks send, or that come
// among the notes of other tracks.
class NoteTicks {
 public:
  NoteTicks(std::int32_t chunk, const score::Track& track) : chunk_(chunk), notes_(track.notes) {
    for (const score::Note& note : notes_) {
      if (note.duration > Ticks(0)) ends_.push_back(note.end());
    }
    std::ranges::sort(ends_);
  }

  // The event as it is placed among the notes of the track.
  template <typename Event>
  Event placed(const OfChunk<Event>& each) const {
    Event event = each.event;
    if (each.chunk != chunk_) event.place = each.chunk < chunk_ ? TickPlace::before_ends : TickPlace::after_onsets;
    const bool has_notes = event.place == TickPlace::before_ends
                               ? std::ranges::binary_search(ends_, event.onset)
                               : std::ranges::binary_search(notes_, event.onset, {}, &score::Note::onset);
    if (!has_notes) event.place = TickPlace::between;
    return event;
  }

 private:
  std::int32_t chunk_;
  std::span<const score::Note> notes_;
  std::vector<Ticks> ends_;
};

// Of one channel, placed among the notes of one track.
template <typename Event>
std::vector<Event> placed_all(const std::vector<OfChunk<Event>>& events, const NoteTicks& ticks) {
  std::vector<Event> placed;
  placed.reserve(events.size());
  for (const OfChunk<Event>& each : events) placed.push_back(ticks.placed(each));
  return placed;
}

// What has been set by the beginning, also where it is 0 (another track of the channel may have seen another value
// last), and each later change of it.
template <typename Event>
std::vector<Event> changes_of(const std::vector<Event>& events, const Span& span) {
  std::array<std::optional<std::int16_t>, kPlaces> values{};
  auto next = events.begin();
  const auto feed = [&] {
    if (next->value != kReset) return std::exchange(values[place_of(*next)], next->value).value_or(0) != next->value;
    for (auto& value : values) {
      if (value) value = std::int16_t{0};
    }
    return false;
  };
  const auto is_before = [&](const Event& event) {
    return event.onset < span.begin || (event.onset == span.begin && event.place != TickPlace::after_onsets);
  };
  for (; next != events.end() && is_before(*next); ++next) feed();
  std::vector<Event> view;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    if (values[place]) view.push_back(at_place(place, span.begin, *values[place], view.data()));
  }
  for (; next != events.end() && next->onset <= span.end; ++next) {
    if (feed()) view.push_back(*next);
  }
  return view;
}

// For the only track of a channel.
template <typename Event>
std::vector<Event> all_of_track(const std::vector<OfChunk<Event>>& events, std::int32_t chunk,
                                const score::Track& track) {
  const auto is_of_track = [chunk](const OfChunk<Event>& each) { return each.chunk == chunk; };
  if (!std::ranges::all_of(events, is_of_track)) return placed_all(events, NoteTicks(chunk, track));
  std::vector<Event> placed(events.size());
  std::ranges::transform(events, placed.begin(), &OfChunk<Event>::event);
  return placed;
}

bool is_reset(const ControlChange& control) { return control.controller == kResetAllControllers; }
bool is_reset(const auto& bend_or_pressure) { return bend_or_pressure.value == kReset; }

bool is_pedal(const ControlChange& control) { return control.controller == kSustain || control.controller == kHold; }
bool is_pedal(const auto&) { return false; }

}  // namespace

void ChannelTimeline::add_place(const Moment& at, const ControlChange& control) {
  if (is_bank(control.controller)) return banks_.push_back({at, control.controller, control.value});
  has_resets_ = true;
  bends_.sent.push_back({control.onset, kReset, control.place});
  pressures_.sent.push_back({control.onset, Pressure::kAllKeys, kReset, control.place});
}

void ChannelTimeline::add_chunk(std::int32_t chunk) {
  chunks_.push_back(chunk);
  controls_.begins.push_back(controls_.sent.size());
  bends_.begins.push_back(bends_.sent.size());
  pressures_.begins.push_back(pressures_.sent.size());
}

void ChannelTimeline::for_last(Ticks tick, const auto& change) {
  const auto go_back = [&](auto& events) {
    for (std::size_t i = events.sent.size(); i > events.begins.back() && events.sent[i - 1].onset == tick; --i)
      change(events.sent[i - 1]);
  };
  go_back(controls_);
  go_back(bends_);
  go_back(pressures_);
}

void ChannelTimeline::put_before_ends(Ticks tick) {
  bool has_reset = false;  // which a pedal of its tick must not come before
  for_last(tick, [&](const auto& event) { has_reset = has_reset || is_reset(event); });
  for_last(tick, [&](auto& event) {
    const bool moves = event.place == TickPlace::after_onsets && is_pedal(event) && !has_reset;
    if (moves || event.place == TickPlace::between) event.place = TickPlace::before_ends;
  });
}

void ChannelTimeline::put_before_onset(Ticks tick) {
  for_last(tick, [](auto& event) { event.place = std::min(event.place, TickPlace::between); });
}

template <typename Event>
void ChannelTimeline::merge(Events<Event>& events) const {
  std::size_t chunk = 0;
  for (std::size_t i = 0; i < events.sent.size(); ++i) {
    while (chunk + 1 < chunks_.size() && events.begins[chunk + 1] <= i) ++chunk;
    events.merged.push_back({events.sent[i], chunks_[chunk]});
  }
  events.sent.clear();
  merge_by_onset(events.merged);
}

void ChannelTimeline::merge() {
  std::ranges::sort(programs_, {}, &Program::at);
  std::ranges::sort(banks_, {}, &Bank::at);
  if (is_one_track()) return;
  merge(controls_);
  merge(bends_);
  merge(pressures_);
  if (!banks_.empty()) latch_banks();
}

// A bank takes effect with the next program change: of several before it the last. Those of the tick of that change
// stay where they are, earlier ones move to it, and those that no program change follows never take effect.
void ChannelTimeline::latch_banks() {
  std::vector<bool> stays(banks_.size());
  std::vector<OfChunk<ControlChange>> moved;
  std::size_t next = 0;
  for (const Program& program : programs_) {
    std::array<const Bank*, 2> waiting{};
    for (; next < banks_.size() && banks_[next].at < program.at; ++next) {
      stays[next] = banks_[next].at.time == program.at.time;
      waiting[banks_[next].controller == kBankFine] = stays[next] ? nullptr : &banks_[next];
    }
    for (const Bank* bank : waiting) {
      if (bank == nullptr) continue;
      moved.push_back({{Ticks(program.at.time), bank->controller, bank->value}, program.at.chunk});
    }
  }
  std::size_t bank = 0;
  std::erase_if(controls_.merged, [&](const auto& each) { return is_bank(each.event.controller) && !stays[bank++]; });
  controls_.merged.insert(controls_.merged.begin(), moved.begin(), moved.end());  // they are the first of their ticks
  merge_by_onset(controls_.merged);
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

void ChannelTimeline::give_all(std::int32_t chunk, score::Track& track) {
  if (is_one_track()) {
    track.controls = std::move(controls_.sent);
    track.pitch_bends = std::move(bends_.sent);
    track.pressures = std::move(pressures_.sent);
  } else {
    track.controls = all_of_track(controls_.merged, chunk, track);
    track.pitch_bends = all_of_track(bends_.merged, chunk, track);
    track.pressures = all_of_track(pressures_.merged, chunk, track);
  }
  if (!has_resets_) return;
  const auto reset_all = [](auto& events) {
    undo_before_resets(events);
    std::erase_if(events, [](const auto& each) { return each.value == kReset; });
  };
  reset_all(track.pitch_bends);
  reset_all(track.pressures);
}

// Only changes of the state are kept, and the state at the beginning is placed there whenever it came about. So a view
// depends on what the channel sounds like alone: it stays the same when tracks that share a channel are written, each
// with its view, and read again.
void ChannelTimeline::give_view(std::int32_t chunk, score::Track& track) const {
  const NoteTicks ticks(chunk, track);
  Span span = span_of(track);
  ControlState state;
  std::vector<ControlChange> before, after;  // of the first note; the former are done with once the state is known
  auto next = controls_.merged.begin();
  for (; next != controls_.merged.end() && next->event.onset <= span.begin; ++next) {
    const ControlChange event = ticks.placed(*next);
    if (event.onset == span.begin && event.place == TickPlace::after_onsets) {
      after.push_back(event);
    } else {
      state.feed(event, before);
    }
  }
  track.controls = state.events_at(span.begin);
  std::ranges::copy_if(before, std::back_inserter(track.controls), [&](const ControlChange& each) {
    return each.onset == span.begin && is_for_next_note(each.controller);
  });
  for (const ControlChange& event : after) state.feed(event, track.controls);
  for (; next != controls_.merged.end(); ++next) {
    const ControlChange event = ticks.placed(*next);
    if (event.onset > span.end) {
      if (!state.is_held()) break;
      span.end = event.onset;  // notes sound until the pedal is lifted
    }
    state.feed(event, track.controls);
  }
  std::vector<PitchBend> bends = placed_all(bends_.merged, ticks);
  std::vector<Pressure> pressures = placed_all(pressures_.merged, ticks);
  if (has_resets_) {
    undo_before_resets(bends);
    undo_before_resets(pressures);
  }
  track.pitch_bends = changes_of(bends, span);
  track.pressures = changes_of(pressures, span);
}

}  // namespace continuo::notation
