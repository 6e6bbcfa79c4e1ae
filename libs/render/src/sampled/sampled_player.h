#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/render/sampled_voice.h"

#include "../sound_events.h"
#include "channel_state.h"
#include "sample_store.h"
#include "sinc_table.h"

namespace continuo::render {

using VoiceOfChannel = std::vector<std::shared_ptr<const SampledVoice>>;

// Plays events with recorded notes, as sampled_voice.h says. At most kMostNotes sound, the oldest of more fade at once.
// One thread; the same events give the same samples. Not copyable.
class SampledPlayer {
 public:
  static constexpr std::size_t kMostNotes = 512;
  // Requires: a voice for each channel of the events.
  SampledPlayer(VoiceOfChannel voices, int sample_rate_hz);

  // Errors: those of Sample::read, of a note's sample.
  Status apply(const SoundEvent& event);
  // Adds the next samples to what is there. Shape: interleaved [frames, 2].
  void add(std::span<float> samples);

  std::size_t note_count() const { return notes_.size(); }

 private:
  // What holds a note: its key, a pedal, or nothing any more.
  enum class Hold : std::uint8_t { key, sustain, released, cut };
  struct Note {
    std::shared_ptr<const Sample> sample;
    std::size_t channel = 0;
    int key = 0;
    Hold hold = Hold::key;
    bool has_sostenuto = false, is_in_loop = false;
    double speed = 1;          // samples of the sound for one of the output, without bend
    FixedPlace place = 0;      // in the sound, or in the loop
    float level = 1;           // of velocity and sample; in a loop that decays, of the pass too
    float gain = 0;            // at the end of what has been played
    std::int64_t let_go = -1;  // frame
  };
  struct Channel {
    ChannelState state;
    std::array<int, 128> held{};   // notes by key
    std::array<float, 2> gains{};  // at the end of what has been played
    int sounding = 0;
  };
  static constexpr std::size_t kBlock = 64;

  Status begin(std::size_t channel, int key, int velocity);
  void end_key(std::size_t channel, int key);
  void release(Note& note);
  void let_go(std::size_t channel, ChannelState::Change change);
  void cut_oldest();
  // `left`, `right`: what is added to. False when the note has ended.
  bool play(Note& note, std::span<float> left, std::span<float> right);
  void play_block(std::span<float> samples);
  // `until`: the place after this block.
  void enter_loop_if_due(Note& note, std::int64_t until) const;
  // Whether the note sounds on.
  bool go_round(Note& note) const;
  void read(const Note& note, FixedPlace step, std::span<float> out);
  const SincTable& table_for(double speed);
  float release_gain(const Note& note, std::int64_t frame) const;

  VoiceOfChannel voices_;
  int sample_rate_hz_;
  std::int64_t frame_ = 0;
  std::vector<Channel> channels_;
  std::vector<std::array<std::array<float, 2>, 2>>
      ramps_;  // of each channel in this block: start and end, left and right
  std::vector<Note> notes_;
  SampleStore store_;
  std::map<int, SincTable> tables_;  // by quarters of an octave that the cutoff is lower
  std::vector<float> edge_;          // sound near its ends, with what comes before and after
};

}  // namespace continuo::render
