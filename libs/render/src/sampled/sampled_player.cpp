#include "sampled_player.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace continuo::render {
namespace {

constexpr std::size_t kStoreBytes = std::size_t{256} << 20;
constexpr double kGlideSec = 0.01;  // in which a controller's change is done, so that it does not click
constexpr float kInaudible = 1e-5F;

// What lies at `index` of a sound, or of a loop before its beginning and after its end.
float value_at(const std::vector<float>& sound, const SampleLoop* loop, std::int64_t index) {
  const std::int64_t size = std::ssize(sound);
  if (index >= 0 && index < size) return sound[static_cast<std::size_t>(index)];
  if (loop == nullptr) return 0;
  float gain = 1;
  for (; index < 0; index += size) gain /= loop->gain;
  for (; index >= size; index -= size) gain *= loop->gain;
  return gain * sound[static_cast<std::size_t>(index)];
}

}  // namespace

SampledPlayer::SampledPlayer(VoiceOfChannel voices, int sample_rate_hz)
    : voices_(std::move(voices)),
      sample_rate_hz_(sample_rate_hz),
      channels_(voices_.size()),
      ramps_(voices_.size()),
      store_(kStoreBytes) {}

Status SampledPlayer::apply(const SoundEvent& event) {
  const auto channel = static_cast<std::size_t>(event.channel);
  switch (event.kind) {
    case SoundEvent::Kind::note_on:
      return begin(channel, event.first & 127, event.second);
    case SoundEvent::Kind::note_off:
      end_key(channel, event.first & 127);
      break;
    case SoundEvent::Kind::control:
      let_go(channel, channels_[channel].state.control(event.first, event.second));
      break;
    case SoundEvent::Kind::bend:
      channels_[channel].state.bend(event.first);
      break;
    case SoundEvent::Kind::program:
    case SoundEvent::Kind::channel_pressure:
    case SoundEvent::Kind::key_pressure:
      break;
  }
  return {};
}

// A key that is struck anew ends its note before, pedal or not.
Status SampledPlayer::begin(std::size_t channel, int key, int velocity) {
  const SampledVoice& voice = *voices_[channel];
  const VoiceSample& wanted = sample_for(voice, key, velocity);
  CONTINUO_ASSIGN(auto sample, store_.get(wanted, voice.held_sec));
  for (Note& note : notes_)
    if (note.channel == channel && note.key == key) release(note);
  if (notes_.size() >= kMostNotes) cut_oldest();
  Channel& own = channels_[channel];
  ++own.held[static_cast<std::size_t>(key)];
  if (own.sounding++ == 0) own.gains = own.state.gains();
  Note note{.sample = std::move(sample), .channel = channel, .key = key};
  note.speed = double(note.sample->rate_hz()) / sample_rate_hz_ * std::exp2((key - wanted.pitch) / 12.0);
  note.level = note.sample->gain() * static_cast<float>(velocity * velocity) / (127.0F * 127.0F);
  note.gain = note.level;
  notes_.push_back(std::move(note));
  return {};
}

// Of notes of one key that overlap, the key goes up with the last.
void SampledPlayer::end_key(std::size_t channel, int key) {
  auto& held = channels_[channel].held[static_cast<std::size_t>(key)];
  if (held == 0 || --held > 0) return;
  for (Note& note : notes_) {
    if (note.channel != channel || note.key != key || note.hold != Hold::key) continue;
    note.hold = Hold::sustain;
    if (!note.has_sostenuto && !channels_[channel].state.is_sustained()) release(note);
  }
}

void SampledPlayer::release(Note& note) {
  if (note.hold == Hold::released || note.hold == Hold::cut) return;
  note.hold = Hold::released;
  note.let_go = frame_;
}

void SampledPlayer::let_go(std::size_t channel, ChannelState::Change change) {
  using Change = ChannelState::Change;
  if (change == Change::none) return;
  for (Note& note : notes_) {
    if (note.channel != channel) continue;
    if (change == Change::sostenuto_down) note.has_sostenuto |= note.hold == Hold::key;
    if (change == Change::sostenuto_up || change == Change::all_up) note.has_sostenuto = false;
    const bool is_held = note.has_sostenuto || channels_[channel].state.is_sustained();
    if (note.hold == Hold::sustain && !is_held) release(note);
  }
}

void SampledPlayer::cut_oldest() {
  const auto is_whole = [](const Note& note) { return note.hold != Hold::cut; };
  if (std::ranges::count_if(notes_, is_whole) < std::ptrdiff_t(kMostNotes)) return;
  std::ranges::find_if(notes_, is_whole)->hold = Hold::cut;
}

void SampledPlayer::add(std::span<float> samples) {
  while (!samples.empty()) {
    const std::size_t count = std::min(samples.size(), 2 * kBlock);
    play_block(samples.first(count));
    samples = samples.subspan(count);
  }
}

void SampledPlayer::play_block(std::span<float> samples) {
  const std::size_t frames = samples.size() / 2;
  const float share = std::min(1.0F, static_cast<float>(double(frames) / (kGlideSec * sample_rate_hz_)));
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    auto& gains = channels_[i].gains;
    const auto wanted = channels_[i].state.gains();
    ramps_[i][0] = gains;
    for (std::size_t side = 0; side < 2; ++side) gains[side] += share * (wanted[side] - gains[side]);
    ramps_[i][1] = gains;
  }
  std::array<float, kBlock> left{}, right{};
  std::erase_if(notes_, [&](Note& note) {
    const bool sounds = play(note, std::span(left).first(frames), std::span(right).first(frames));
    if (!sounds) --channels_[note.channel].sounding;
    return !sounds;
  });
  for (std::size_t i = 0; i < frames; ++i) {
    samples[2 * i] += left[i];
    samples[2 * i + 1] += right[i];
  }
  frame_ += static_cast<std::int64_t>(frames);
}

// The release's curve; past the place where the sample's own key is let go, what that curve has not done itself.
float SampledPlayer::release_gain(const Note& note, std::int64_t frame) const {
  if (note.hold == Hold::cut) return 0;
  if (note.hold != Hold::released) return 1;
  const float wanted = note.sample->release(double(frame - note.let_go) / sample_rate_hz_);
  const std::int64_t past = whole(note.place) - note.sample->held();
  if (note.is_in_loop || past <= 0) return wanted;
  const float own = note.sample->release(double(past) / note.sample->rate_hz());
  return wanted < own ? wanted / own : 1;
}

bool SampledPlayer::play(Note& note, std::span<float> left, std::span<float> right) {
  const std::size_t frames = left.size();
  const Channel& channel = channels_[note.channel];
  const double speed = note.speed * std::exp2(channel.state.bend_semitones() / 12);
  const FixedPlace step = to_place(speed), advance = step * static_cast<FixedPlace>(frames);
  enter_loop_if_due(note, whole(note.place + advance));
  std::array<float, kBlock> sound;
  read(note, step, std::span(sound).first(frames));
  note.place += advance;
  const float gain = note.level * release_gain(note, frame_ + static_cast<std::int64_t>(frames));
  const auto& ramp = ramps_[note.channel];
  const auto add_to = [&](std::span<float> side, float from, float to) {
    const float slope = (to - from) / static_cast<float>(frames);
    const auto count = static_cast<int>(frames);  // which becomes a float in a register of four
    for (int i = 0; i < count; ++i)
      side[std::size_t(i)] += sound[std::size_t(i)] * (from + slope * static_cast<float>(i));
  };
  add_to(left, note.gain * ramp[0][0], gain * ramp[1][0]);
  add_to(right, note.gain * ramp[0][1], gain * ramp[1][1]);
  note.gain = gain;
  return gain >= kInaudible * note.sample->gain() && go_round(note);
}

// Before the fade begins, up to which the sound and the loop are the same.
void SampledPlayer::enter_loop_if_due(Note& note, std::int64_t until) const {
  const bool is_held = note.hold == Hold::key || note.hold == Hold::sustain;
  if (note.is_in_loop || !is_held || until < note.sample->held() - note.sample->rate_hz() / 10) return;
  const SampleLoop* loop = note.sample->loop();
  if (loop == nullptr || until < loop->fade_start || whole(note.place) < loop->start) return;
  note.is_in_loop = true;
  note.place -= loop->start << kFractionBits;
}

bool SampledPlayer::go_round(Note& note) const {
  if (!note.is_in_loop) return whole(note.place) < std::ssize(note.sample->sound());
  const SampleLoop& loop = *note.sample->loop();
  for (; whole(note.place) >= std::ssize(loop.sound); note.gain *= loop.gain) {
    note.place -= static_cast<FixedPlace>(loop.sound.size()) << kFractionBits;
    note.level *= loop.gain;
  }
  return true;
}

void SampledPlayer::read(const Note& note, FixedPlace step, std::span<float> out) {
  const SampleLoop* loop = note.is_in_loop ? note.sample->loop() : nullptr;
  const std::vector<float>& sound = loop != nullptr ? loop->sound : note.sample->sound();
  const SincTable& table = table_for(to_samples(step));
  const std::int64_t first = whole(note.place) - (table.taps() / 2 - 1);
  const std::int64_t last = whole(note.place + step * static_cast<FixedPlace>(out.size() - 1)) + table.taps() / 2;
  if (first >= 0 && last < std::ssize(sound)) {
    table.read(sound.data() + first, note.place, step, out);
    return;
  }
  edge_.resize(static_cast<std::size_t>(last - first + 1));
  for (std::int64_t i = first; i <= last; ++i) edge_[static_cast<std::size_t>(i - first)] = value_at(sound, loop, i);
  table.read(edge_.data(), note.place, step, out);
}

const SincTable& SampledPlayer::table_for(double speed) {
  constexpr int kLowest = 32;  // eight octaves
  const int index = speed <= 1 ? 0 : std::min(kLowest, static_cast<int>(std::ceil(4 * std::log2(speed) - 1e-6)));
  return tables_.try_emplace(index, std::exp2(-index / 4.0)).first->second;
}

}  // namespace continuo::render
