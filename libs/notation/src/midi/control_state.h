#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::notation {

// Source: MIDI 1.0, "Control Change Messages" and "Channel Mode Messages".
inline constexpr int kBank = 0, kBankFine = 32, kSustain = 64, kHold = 69, kResetAllControllers = 121;

constexpr bool is_bank(int controller) { return (controller & ~kBankFine) == kBank; }
// Whether its place among events of other kinds matters.
constexpr bool has_place(int controller) { return is_bank(controller) || controller == kResetAllControllers; }
// Whether it is for the next note alone: portamento from a key, or the fine part of a velocity.
constexpr bool is_for_next_note(int controller) { return controller == 84 || controller == 88; }

// What the controllers of a channel have been set to. Feeding it events leaves out those that change nothing, and puts
// the number of its parameter in front of each data entry that does: whatever was sent, the same state is reached by
// the same events, also where those of other tracks come between them.
class ControlState {
 public:
  ControlState() { values_.fill(kUnknown); }

  // Appends what the event changes, as events of its tick.
  void feed(const score::ControlChange& event, std::vector<score::ControlChange>& changes);
  // The events that bring a channel into this state.
  std::vector<score::ControlChange> events_at(score::Ticks onset) const;
  // Whether a pedal holds notes that have ended.
  bool is_held() const;

 private:
  static constexpr int kControllers = 128;
  static constexpr std::int16_t kUnknown = -1;
  static constexpr std::uint8_t kNoParameter = 127;

  // The number of a parameter that data entry sets: registered or not, and its two bytes.
  struct Parameter {
    bool registered = true;
    std::uint8_t coarse = kNoParameter, fine = kNoParameter;
    bool is_none() const { return coarse == kNoParameter && fine == kNoParameter; }
    friend auto operator<=>(const Parameter&, const Parameter&) = default;
  };

  static void put_parameter(const Parameter& parameter, score::Ticks onset, score::TickPlace place,
                            std::vector<score::ControlChange>& events);
  void choose_parameter(const score::ControlChange& event);
  void feed_data(const score::ControlChange& event, std::vector<score::ControlChange>& changes);
  void feed_mode(const score::ControlChange& event, std::vector<score::ControlChange>& changes);
  void reset();

  std::array<std::int16_t, kControllers> values_{};
  std::map<Parameter, std::map<std::uint8_t, std::uint8_t>> data_;
  Parameter chosen_;
  score::ControlChange last_mode_{score::Ticks(-1), 0, 0};
};

}  // namespace continuo::notation
