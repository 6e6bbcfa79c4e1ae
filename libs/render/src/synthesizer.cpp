#include "synthesizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <mutex>
#include <string_view>
#include <tuple>

#include <fluidsynth.h>

namespace continuo::render {
namespace {

constexpr int kMaxChannels = 256;  // FluidSynth's own limit
constexpr int kDrumBank = 128;

void ignore_message(int, const char*, void*) {}

void silence_fluidsynth() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (int level = FLUID_PANIC; level < LAST_LOG_LEVEL; ++level) {
      fluid_set_log_function(level, ignore_message, nullptr);
    }
  });
}

// A track's program stands in Track::program, and a controller that stops all sound is no part of the music.
bool is_for_synth(const score::ControlChange& control) {
  return control.controller != 0 && control.controller != 32 && control.controller < 120;
}

// Before FluidSynth sees it: its further loaders write to the terminal about files that are nothing of theirs.
Status check_soundfont(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return Error{ErrorCode::not_found, "there is no such SoundFont", {}, path.string()};
  }
  std::array<char, 12> head{};
  std::ifstream(path, std::ios::binary).read(head.data(), head.size());
  const std::string_view text(head.data(), head.size());
  if (text.starts_with("RIFF") && text.ends_with("sfbk")) return {};
  return Error{ErrorCode::wrong_format, "is not a SoundFont", {}, path.string()};
}

struct SettingsDeleter {
  void operator()(fluid_settings_t* settings) const { delete_fluid_settings(settings); }
};
struct SynthDeleter {
  void operator()(fluid_synth_t* synth) const { delete_fluid_synth(synth); }
};

using Settings = std::unique_ptr<fluid_settings_t, SettingsDeleter>;

Settings make_settings(const AudioOptions& options, int channels) {
  Settings settings(new_fluid_settings());
  if (!settings) return settings;
  fluid_settings_setnum(settings.get(), "synth.sample-rate", options.sample_rate_hz);
  fluid_settings_setnum(settings.get(), "synth.gain", options.gain);
  fluid_settings_setint(settings.get(), "synth.midi-channels", channels);
  fluid_settings_setint(settings.get(), "synth.polyphony", 512);
  // One thread and no dither: the same bytes every time.
  fluid_settings_setint(settings.get(), "synth.cpu-cores", 1);
  fluid_settings_setint(settings.get(), "synth.threadsafe-api", 0);
  fluid_settings_setint(settings.get(), "synth.reverb.active", 1);
  fluid_settings_setint(settings.get(), "synth.chorus.active", 1);
  // Only the instruments that sound are unpacked.
  fluid_settings_setint(settings.get(), "synth.dynamic-sample-loading", 1);
  return settings;
}

}  // namespace

std::vector<SoundEvent> sound_events(const score::Score& score, int sample_rate_hz) {
  const score::TempoMap tempo_map = score.tempo_map();
  const auto sample_at = [&](score::Ticks time) {
    return static_cast<std::int64_t>(std::llround(tempo_map.to_seconds(time).value * sample_rate_hz));
  };
  std::vector<SoundEvent> events;
  for (std::size_t t = 0; t < score.tracks.size(); ++t) {
    const score::Track& track = score.tracks[t];
    const int channel = static_cast<int>(t % kMaxChannels);
    events.push_back({0, SoundEvent::Kind::program, channel, track.is_drum ? kDrumBank : 0, track.program});
    for (const score::ControlChange& c : track.controls) {
      if (is_for_synth(c))
        events.push_back({sample_at(c.onset), SoundEvent::Kind::control, channel, c.controller, c.value});
    }
    for (const score::PitchBend& bend : track.pitch_bends) {
      events.push_back({sample_at(bend.onset), SoundEvent::Kind::bend, channel, bend.value + 8192, 0});
    }
    for (const score::Note& note : track.notes) {
      const std::int64_t on = sample_at(note.onset);
      const std::int64_t off = std::max(on + 1, sample_at(note.end()));
      events.push_back({on, SoundEvent::Kind::note_on, channel, note.pitch, note.velocity});
      events.push_back({off, SoundEvent::Kind::note_off, channel, note.pitch, 0});
    }
  }
  std::stable_sort(events.begin(), events.end(), [](const SoundEvent& a, const SoundEvent& b) {
    return std::tie(a.sample, a.kind) < std::tie(b.sample, b.kind);
  });
  return events;
}

struct Synthesizer::State {
  Settings settings;
  std::unique_ptr<fluid_synth_t, SynthDeleter> synth;
  std::vector<std::array<int, 128>> sounding;  // notes held by channel and key
  std::vector<float> mix;
};

Synthesizer::Synthesizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Synthesizer::~Synthesizer() = default;

Result<std::unique_ptr<Synthesizer>> Synthesizer::create(const score::Score& score, const AudioOptions& options) {
  silence_fluidsynth();
  std::filesystem::path soundfont = options.soundfont;
  if (soundfont.empty()) {
    CONTINUO_ASSIGN(soundfont, default_soundfont());
  }
  CONTINUO_TRY(check_soundfont(soundfont));
  const int tracks =
      std::clamp(static_cast<int>(std::min<std::size_t>(score.tracks.size(), kMaxChannels)), 1, kMaxChannels);
  auto state = std::make_unique<State>();
  const int channels = (tracks + 15) / 16 * 16;
  state->settings = make_settings(options, channels);
  if (state->settings) state->synth.reset(new_fluid_synth(state->settings.get()));
  if (!state->synth) return Error{ErrorCode::unsupported, "FluidSynth cannot be started with these options", {}, {}};
  state->sounding.resize(static_cast<std::size_t>(channels));
  for (int channel = 0; channel < channels; ++channel) {
    const bool is_drum = channel < tracks && score.tracks[static_cast<std::size_t>(channel)].is_drum;
    fluid_synth_set_channel_type(state->synth.get(), channel, is_drum ? CHANNEL_TYPE_DRUM : CHANNEL_TYPE_MELODIC);
  }
  if (fluid_synth_sfload(state->synth.get(), soundfont.c_str(), 0) == FLUID_FAILED) {
    return Error{ErrorCode::wrong_format, "is not a SoundFont that FluidSynth can load", {}, soundfont.string()};
  }
  return std::unique_ptr<Synthesizer>(new Synthesizer(std::move(state)));
}

void Synthesizer::apply(const SoundEvent& event) {
  fluid_synth_t* synth = state_->synth.get();
  const auto key = static_cast<std::size_t>(event.first & 127);
  int& held = state_->sounding[static_cast<std::size_t>(event.channel)][key];
  switch (event.kind) {
    case SoundEvent::Kind::program:
      fluid_synth_bank_select(synth, event.channel, event.first);
      fluid_synth_program_change(synth, event.channel, event.second);
      break;
    case SoundEvent::Kind::control:
      fluid_synth_cc(synth, event.channel, event.first, event.second);
      break;
    case SoundEvent::Kind::bend:
      fluid_synth_pitch_bend(synth, event.channel, event.first);
      break;
    case SoundEvent::Kind::note_on:
      ++held;
      fluid_synth_noteon(synth, event.channel, event.first, event.second);
      break;
    case SoundEvent::Kind::note_off:
      // Two notes of one key may overlap; the key goes up with the last.
      if (--held <= 0) fluid_synth_noteoff(synth, event.channel, event.first);
      break;
  }
}

void Synthesizer::render(std::span<std::int16_t> samples) {
  state_->mix.resize(samples.size());
  fluid_synth_write_float(state_->synth.get(), static_cast<int>(samples.size() / 2), state_->mix.data(), 0, 2,
                          state_->mix.data(), 1, 2);
  std::transform(state_->mix.begin(), state_->mix.end(), samples.begin(), [](float value) {
    return static_cast<std::int16_t>(std::lrint(std::clamp(value, -1.0F, 1.0F) * 32767.0F));
  });
}

}  // namespace continuo::render
