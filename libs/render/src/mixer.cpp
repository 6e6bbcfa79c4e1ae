#include "mixer.h"

#include <algorithm>
#include <utility>

namespace continuo::render {
namespace {

bool has_voice(const AudioOptions& options, std::size_t track) {
  return track < options.voices.size() && options.voices[track] != nullptr;
}

// The tracks with a voice, or those without.
score::Score part_of(const score::Score& score, const AudioOptions& options, bool with_voice) {
  score::Score part;
  part.ticks_per_quarter = score.ticks_per_quarter;
  part.tempos = score.tempos;
  for (std::size_t i = 0; i < score.tracks.size(); ++i)
    if (has_voice(options, i) == with_voice) part.tracks.push_back(score.tracks[i]);
  return part;
}

// Sounds up to each event's frame, then lets it happen.
Status play(const std::vector<SoundEvent>& events, std::size_t& next, std::int64_t frame, std::span<float> samples,
            const auto& apply, const auto& sound) {
  while (!samples.empty()) {
    for (; next < events.size() && events[next].sample <= frame; ++next) CONTINUO_TRY(apply(events[next]));
    std::size_t frames = samples.size() / 2;
    if (next < events.size())
      frames = static_cast<std::size_t>(std::min<std::int64_t>(events[next].sample - frame, std::int64_t(frames)));
    sound(samples.first(2 * frames));
    samples = samples.subspan(2 * frames);
    frame += static_cast<std::int64_t>(frames);
  }
  return {};
}

}  // namespace

Result<Mixer> Mixer::create(const score::Score& score, const AudioOptions& options) {
  Mixer mixer;
  VoiceOfChannel voices;
  for (std::size_t i = 0; i < score.tracks.size(); ++i) {
    if (!has_voice(options, i)) continue;
    if (options.voices[i]->samples.empty() || !(options.voices[i]->held_sec > 0))
      return Error{
          ErrorCode::invalid_argument, "the voice of track " + std::to_string(i + 1) + " has no samples", {}, {}};
    voices.push_back(options.voices[i]);
  }
  const score::Score rest = voices.empty() ? score : part_of(score, options, false);
  if (rest.note_count() > 0) {
    CONTINUO_ASSIGN(mixer.synthesizer_, Synthesizer::create(rest, options));
    mixer.soundfont_part_.events = sound_events(rest, options.sample_rate_hz);
  }
  if (voices.empty()) return mixer;
  const score::Score voiced = part_of(score, options, true);
  mixer.voice_part_.events = sound_events(voiced, options.sample_rate_hz, voices.size());
  mixer.player_.emplace(std::move(voices), options.sample_rate_hz);
  return mixer;
}

Status Mixer::render(std::span<float> samples) {
  std::ranges::fill(samples, 0.0F);
  if (synthesizer_) {
    const auto apply = [&](const SoundEvent& event) {
      synthesizer_->apply(event);
      return Status();
    };
    const auto sound = [&](std::span<float> part) { synthesizer_->render(part); };
    CONTINUO_TRY(play(soundfont_part_.events, soundfont_part_.next, frame_, samples, apply, sound));
  }
  if (player_) {
    const auto apply = [&](const SoundEvent& event) { return player_->apply(event); };
    const auto sound = [&](std::span<float> part) { player_->add(part); };
    CONTINUO_TRY(play(voice_part_.events, voice_part_.next, frame_, samples, apply, sound));
  }
  frame_ += std::ssize(samples) / 2;
  return {};
}

}  // namespace continuo::render
