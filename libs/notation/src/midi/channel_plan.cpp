#include "channel_plan.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>

#include "channel_timeline.h"

namespace continuo::notation {
namespace {

// Trying what can share costs tracks times groups of them times events. Beyond this, tracks share by program at once.
constexpr std::size_t kMostTriedTracks = 128, kMostTriedEvents = std::size_t{1} << 22;

int channel_at(std::size_t index) {
  const int channel = static_cast<int>(index % kPitchedChannels);
  return channel < kDrumChannel ? channel : channel + 1;
}

std::size_t event_count(std::span<const score::Track> tracks) {
  std::size_t events = 0;
  for (const score::Track& track : tracks) {
    events += track.controls.size() + track.pitch_bends.size() + track.pressures.size();
  }
  return events;
}

// As they are written, in the chunk of the track.
void add_events(const score::Track& track, std::int32_t chunk, ChannelTimeline& timeline) {
  std::uint32_t order = 0;
  timeline.add_chunk(chunk);
  for (const score::ControlChange& control : track.controls) {
    const std::int64_t time = control.onset.value;
    timeline.add_control(control);
    if (has_place(control.controller)) timeline.add_place({time, chunk, order++}, control);
    if (is_bank(control.controller)) timeline.add_program({time, chunk, order++}, track.program);
  }
  for (const score::PitchBend& bend : track.pitch_bends) timeline.add_bend(bend);
  for (const score::Pressure& pressure : track.pressures) timeline.add_pressure(pressure);
}

// Whether a key would be struck by one while it sounds for the other.
bool collide(const score::Track& a, const score::Track& b) {
  std::array<std::vector<score::Note>, 128> keys;
  for (const score::Track* track : {&a, &b}) {
    for (const score::Note& note : track->notes) keys[note.pitch].push_back(note);
  }
  return std::ranges::any_of(keys, [](std::vector<score::Note>& notes) {
    std::ranges::sort(notes);
    const auto overlap = [](const score::Note& x, const score::Note& y) { return y.onset < x.end(); };
    return std::ranges::adjacent_find(notes, overlap) != notes.end();
  });
}

// Whether what is heard differs at most in places that make no sound. Whether an event comes before notes end matters
// for the sustain pedal alone.
bool sound_alike(const score::ControlChange& a, const score::ControlChange& b) {
  const auto holds = [](const score::ControlChange& each) {
    return each.controller == kSustain && each.place == score::TickPlace::before_ends;
  };
  return a.onset == b.onset && a.controller == b.controller && a.value == b.value && holds(a) == holds(b);
}
bool sound_alike(const score::PitchBend& a, const score::PitchBend& b) {
  return a.onset == b.onset && a.value == b.value;
}
bool sound_alike(const score::Pressure& a, const score::Pressure& b) {
  return a.onset == b.onset && a.key == b.key && a.value == b.value;
}

bool is_what_it_hears(const score::Track& track, std::int32_t chunk, const ChannelTimeline& timeline) {
  score::Track heard;
  heard.notes = track.notes;
  timeline.give_view(chunk, heard);
  const auto alike = [](const auto& a, const auto& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return sound_alike(x, y); });
  };
  return alike(heard.controls, track.controls) && alike(heard.pitch_bends, track.pitch_bends) &&
         alike(heard.pressures, track.pressures);
}

bool selects_bank(const score::ControlChange& control) { return is_bank(control.controller); }

auto& bank_of(auto& instrument, int controller) { return controller == kBank ? instrument.bank : instrument.bank_fine; }

// What is sent so that the bank is `wanted` after `sent`; kUnnamed for nothing.
std::int16_t bank_change(std::int16_t sent, std::int16_t wanted) {
  const std::int16_t value = std::max<std::int16_t>(wanted, 0);
  return value == std::max<std::int16_t>(sent, 0) ? Instrument::kUnnamed : value;
}

}  // namespace

ChannelPlan::ChannelPlan(std::span<const score::Track> tracks) : tracks_(tracks), places_(tracks.size()) {
  std::vector<std::size_t> drums, pitched;
  for (std::size_t i = 0; i < tracks.size(); ++i) (tracks[i].is_drum ? drums : pitched).push_back(i);
  for (const std::size_t i : drums) places_[i].channel = kDrumChannel;
  give_channels(pitched);
  std::map<int, std::vector<std::size_t>> sharing;
  for (std::size_t i = 0; i < tracks.size(); ++i) sharing[places_[i].channel].push_back(i);
  for (const auto& [channel, members] : sharing) plan_programs(members);
}

void ChannelPlan::give_channels(std::span<const std::size_t> pitched) {
  std::vector<std::vector<std::size_t>> groups;
  const bool can_try = pitched.size() <= kMostTriedTracks && event_count(tracks_) * pitched.size() <= kMostTriedEvents;
  if (pitched.size() > kPitchedChannels && can_try) {
    groups = alike(pitched);
  } else {
    for (const std::size_t track : pitched) groups.push_back({track});
  }
  const bool by_program = groups.size() > kPitchedChannels;
  std::map<std::uint8_t, int> channel_of_program;
  std::size_t given = 0;
  for (const std::vector<std::size_t>& group : groups) {
    const std::uint8_t program = tracks_[group.front()].program;
    const auto known = channel_of_program.find(program);
    const bool joins = by_program && known != channel_of_program.end();
    const int channel = joins ? known->second : channel_at(given++);
    channel_of_program[program] = channel;
    for (const std::size_t track : group) places_[track].channel = channel;
  }
}

// Groups of tracks that share a channel without loss, as few as it takes for each group to have a channel: a track
// joins the first group that it can while there are fewer free channels than tracks to come.
std::vector<std::vector<std::size_t>> ChannelPlan::alike(std::span<const std::size_t> pitched) const {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < pitched.size(); ++i) {
    const bool must_join = groups.size() + (pitched.size() - i) > kPitchedChannels;
    const auto group =
        must_join ? std::ranges::find_if(groups, [&](const auto& g) { return share_without_loss(g, pitched[i]); })
                  : groups.end();
    if (group == groups.end()) {
      groups.push_back({pitched[i]});
    } else {
      group->push_back(pitched[i]);
    }
  }
  return groups;
}

bool ChannelPlan::share_without_loss(std::span<const std::size_t> group, std::size_t other) const {
  if (std::ranges::any_of(group, [&](std::size_t track) { return collide(tracks_[track], tracks_[other]); })) {
    return false;
  }
  ChannelTimeline timeline;
  for (const std::size_t track : group) add_events(tracks_[track], static_cast<std::int32_t>(track), timeline);
  add_events(tracks_[other], static_cast<std::int32_t>(other), timeline);
  timeline.merge();
  const auto hears = [&](std::size_t track) {
    return !tracks_[track].notes.empty() &&
           is_what_it_hears(tracks_[track], static_cast<std::int32_t>(track), timeline);
  };
  return hears(other) && std::ranges::all_of(group, hears);
}

const Instrument* ChannelPlan::chosen_before(std::size_t track, std::size_t note) const {
  const std::vector<Choice>& choices = places_[track].choices;
  const auto found = std::ranges::lower_bound(choices, note, {}, &Choice::note);
  return found != choices.end() && found->note == note ? &found->instrument : nullptr;
}

std::vector<ChannelPlan::Use> ChannelPlan::uses_of(std::size_t index) const {
  const score::Track& track = tracks_[index];
  std::vector<Use> uses;
  Instrument instrument{.program = track.program};
  auto next = track.controls.begin();
  const auto is_before = [](const score::ControlChange& control, score::Ticks onset) {
    return control.onset < onset || (control.onset == onset && control.place != score::TickPlace::after_onsets);
  };
  const auto select_bank = [&] {
    if (!selects_bank(*next)) return;
    bank_of(instrument, next->controller) = next->value;
    uses.push_back({next->onset, index, false, next->place, next->controller, instrument});
  };
  for (std::size_t note = 0; note < track.notes.size(); ++note) {
    const score::Ticks onset = track.notes[note].onset;
    for (; next != track.controls.end() && is_before(*next, onset); ++next) select_bank();
    uses.push_back({onset, index, true, score::TickPlace::between, note, instrument});
  }
  for (; next != track.controls.end(); ++next) select_bank();
  return uses;
}

// Plays a channel's notes as a program does that merges the chunks, and remembers where the instrument before was
// another. A track sends its selections of a bank where it has them, each with its program.
void ChannelPlan::plan_programs(std::span<const std::size_t> sharing) {
  const auto program_of = [&](std::size_t track) { return tracks_[track].program; };
  const auto has_banks = [&](std::size_t track) { return std::ranges::any_of(tracks_[track].controls, selects_bank); };
  const bool has_one_program = std::ranges::adjacent_find(sharing, std::not_equal_to{}, program_of) == sharing.end();
  if (sharing.size() == 1 || (has_one_program && std::ranges::none_of(sharing, has_banks))) return;
  std::vector<Use> uses;
  for (const std::size_t track : sharing) {
    places_[track].is_lasting = false;
    std::ranges::copy(uses_of(track), std::back_inserter(uses));
  }
  std::ranges::stable_sort(uses, {},
                           [](const Use& use) { return std::tuple(use.onset, use.track, use.place, use.is_note); });
  std::optional<Instrument> sent;
  for (const Use& use : uses) {
    const Instrument before = sent.value_or(Instrument{});
    Instrument change{.program = use.instrument.program};
    if (!use.is_note) {
      sent = {.program = change.program, .bank = before.bank, .bank_fine = before.bank_fine};
      bank_of(*sent, static_cast<int>(use.index)) = bank_of(use.instrument, static_cast<int>(use.index));
      continue;
    }
    change.bank = bank_change(before.bank, use.instrument.bank);
    change.bank_fine = bank_change(before.bank_fine, use.instrument.bank_fine);
    const bool is_same = sent && change == Instrument{.program = before.program};
    if (!is_same) places_[use.track].choices.push_back({use.index, change});
    sent = use.instrument;
  }
}

}  // namespace continuo::notation
