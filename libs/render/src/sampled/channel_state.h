#pragma once

#include <array>
#include <cstdint>

namespace continuo::render {

// What a channel's controllers ask for, as General MIDI has it: volume (7), pan (10), expression (11), sustain (64),
// sostenuto (66), the range of pitch bends (registered parameter 0), reset (121). Others, as modulation and reverb, do
// nothing here.
class ChannelState {
 public:
  enum class Change : std::uint8_t { none, sustain_up, sostenuto_down, sostenuto_up, all_up };
  // What becomes of the notes that sound.
  Change control(int controller, int value);
  void bend(int value) { bend_ = value; }  // Range: 0 to 16383, 8192 is the middle

  bool is_sustained() const { return sustain_ >= 64; }
  double bend_semitones() const { return (bend_ - 8192) / 8192.0 * bend_range_; }
  // Left and right. Volume and expression as FluidSynth has them, (v / 127)^2 each; pan keeps the power.
  std::array<float, 2> gains() const;

 private:
  Change pedal(int& pedal, int value, Change down, Change up);

  int volume_ = 100, expression_ = 127, pan_ = 64, sustain_ = 0, sostenuto_ = 0, bend_ = 8192;
  double bend_range_ = 2;  // Units: semitones
  int parameter_high_ = 127, parameter_low_ = 127;
};

}  // namespace continuo::render
