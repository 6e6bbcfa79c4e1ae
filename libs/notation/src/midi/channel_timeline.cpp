#include "channel_timeline.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace continuo::notation {
namespace {

using score::ControlChange;
using score::PitchBend;
using score::Ticks;

// Source: MIDI 1.0, "Control Change Messages", "Registered Parameter Numbers" and "Channel Mode Messages"; what a reset
// leaves alone: Recommended Practice 15.
constexpr int kControllers = 128;
constexpr int kSustain = 64, kSostenuto = 66, kHeld = 64;  // from this value on a pedal is down
constexpr int kDataEntry = 6, kDataEntryFine = 38, kDataIncrement = 96, kDataDecrement = 97;
constexpr int kUnregisteredFine = 98, kUnregistered = 99, kRegisteredFine = 100, kRegistered = 101;
constexpr int kFirstMode = 120, kResetAllControllers = 121;
constexpr std::uint8_t kNoParameter = 127;

bool is_data(int controller) {
  return controller == kDataEntry || controller == kDataEntryFine || controller == kDataIncrement ||
         controller == kDataDecrement;
}
bool survives_reset(int controller) {
  constexpr int kBank = 0, kVolume = 7, kPan = 10, kBankFine = 32, kFirstEffect = 91, kLastEffect = 95;
  return controller == kBank || controller == kBankFine || controller == kVolume || controller == kPan ||
         (kFirstEffect <= controller && controller <= kLastEffect);
}

// The number of a parameter that data entry sets: registered or not, and its two bytes.
struct Parameter {
  bool registered = true;
  std::uint8_t coarse = kNoParameter, fine = kNoParameter;
  bool is_none() const { return coarse == kNoParameter && fine == kNoParameter; }
  friend auto operator<=>(const Parameter&, const Parameter&) = default;
};

// What the controllers of a channel have been set to. Feeding it events leaves out those that change nothing, and puts
// the number of its parameter in front of each data entry that does: whatever was sent, the same state is reached by
// the same events.
class ControlState {
 public:
  ControlState() { values_.fill(kUnknown); }

  // Appends what the event changes, as events of its tick.
  void feed(const ControlChange& event, std::vector<ControlChange>& changes) {
    if (event.controller >= kFirstMode) return feed_mode(event, changes);
    if (is_data(event.controller)) return feed_data(event, changes);
    if (kUnregisteredFine <= event.controller && event.controller <= kRegistered) return choose_parameter(event);
    std::int16_t& value = values_[event.controller];
    if (value == event.value) return;
    value = event.value;
    changes.push_back(event);
  }
  // The events that bring a channel into this state.
  std::vector<ControlChange> events_at(Ticks onset) const {
    std::vector<ControlChange> events;
    for (int i = 0; i < kControllers; ++i) {
      const std::int16_t value = values_[static_cast<std::size_t>(i)];
      if (value != kUnknown) events.push_back({onset, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(value)});
    }
    for (const auto& [parameter, data] : data_) {
      put_parameter(parameter, onset, events);
      for (const auto& [controller, value] : data) events.push_back({onset, controller, value});
    }
    return events;
  }
  bool is_held() const { return values_[kSustain] >= kHeld || values_[kSostenuto] >= kHeld; }
  // Lets the next data entry have the number of its parameter in front of it.
  void forget_written_parameter() { written_ = {}; }

 private:
  static constexpr std::int16_t kUnknown = -1;

  static void put_parameter(const Parameter& parameter, Ticks onset, std::vector<ControlChange>& events) {
    events.push_back({onset, std::uint8_t(parameter.registered ? kRegistered : kUnregistered), parameter.coarse});
    events.push_back({onset, std::uint8_t(parameter.registered ? kRegisteredFine : kUnregisteredFine), parameter.fine});
  }
  void choose_parameter(const ControlChange& event) {
    const bool registered = event.controller >= kRegisteredFine;
    if (registered != chosen_.registered) chosen_ = {registered, kNoParameter, kNoParameter};
    const bool coarse = event.controller == kRegistered || event.controller == kUnregistered;
    (coarse ? chosen_.coarse : chosen_.fine) = event.value;
  }
  void feed_data(const ControlChange& event, std::vector<ControlChange>& changes) {
    if (chosen_.is_none()) return;
    auto& data = data_[chosen_];
    const auto known = data.find(event.controller);
    const bool sets = event.controller == kDataEntry || event.controller == kDataEntryFine;
    if (sets && known != data.end() && known->second == event.value) return;
    if (sets) data[event.controller] = event.value;
    if (written_ != chosen_) put_parameter(chosen_, event.onset, changes);
    written_ = chosen_;
    changes.push_back(event);
  }
  void feed_mode(const ControlChange& event, std::vector<ControlChange>& changes) {
    if (event == last_mode_) return;
    last_mode_ = event;
    if (event.controller == kResetAllControllers) {
      for (int i = 0; i < kControllers; ++i) {
        if (!survives_reset(i)) values_[static_cast<std::size_t>(i)] = kUnknown;
      }
      chosen_ = written_ = {};
    }
    changes.push_back(event);
  }

  std::array<std::int16_t, kControllers> values_{};
  std::map<Parameter, std::map<std::uint8_t, std::uint8_t>> data_;
  Parameter chosen_, written_;
  ControlChange last_mode_{Ticks(-1), 0, 0};
};

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

}  // namespace

void ChannelTimeline::merge() {
  std::ranges::sort(programs_, {}, &Program::at);
  merge_by_onset(controls_);
  merge_by_onset(bends_);
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
  track.controls = std::move(controls_);
  track.pitch_bends = std::move(bends_);
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
  state.forget_written_parameter();
  for (; next != controls_.end(); ++next) {
    if (next->onset > span.end) {
      if (!state.is_held()) break;
      span.end = next->onset;  // notes sound until the pedal is lifted
    }
    state.feed(*next, track.controls);
  }

  std::int16_t bend = 0;
  for (const PitchBend& each : bends_) {
    if (each.onset > span.end) break;
    if (each.value == bend) continue;
    bend = each.value;
    const PitchBend event{std::max(each.onset, span.begin), bend};
    if (!track.pitch_bends.empty() && track.pitch_bends.back().onset == event.onset) track.pitch_bends.pop_back();
    track.pitch_bends.push_back(event);
  }
}

}  // namespace continuo::notation
