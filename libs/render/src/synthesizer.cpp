#include "synthesizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "fluidsynth/fluidsynth_library.h"
#include "fluidsynth/soundfont_file.h"

namespace continuo::render {
namespace {

constexpr int kDrumBank = 128;
constexpr double kSynthesizerGain = 0.6;  // level before normalising; FluidSynth warns of clipping above 1

// A track's program is Track::program, and a controller that stops all sound is no part of the music.
bool is_for_synth(const score::ControlChange& control) {
  constexpr int kFirstMode = 120, kResetAllControllers = 121;
  if (control.controller >= kFirstMode) return control.controller == kResetAllControllers;
  return control.controller != 0 && control.controller != 32;
}

// The order within a tick: ends at -1, notes begin at 1, and events are before, between or after these.
int rank_of(const SoundEvent& event) {
  if (event.kind == SoundEvent::Kind::note_off) return -1;
  if (event.kind == SoundEvent::Kind::note_on) return 1;
  return 2 * static_cast<int>(event.place);
}

// A note without length sounds for one sample.
void put_notes(const score::Track& track, int channel, const auto& sample_at, std::vector<SoundEvent>& events) {
  for (const score::Note& note : track.notes) {
    const std::int64_t on = sample_at(note.onset);
    const std::int64_t off = std::max(on + 1, sample_at(note.end()));
    events.push_back({on, SoundEvent::Kind::note_on, channel, note.pitch, note.velocity, note.onset});
    events.push_back({off, SoundEvent::Kind::note_off, channel, note.pitch, 0, note.end()});
  }
}

using Settings = std::unique_ptr<fluid_settings_t, decltype(&::delete_fluid_settings)>;
using Synth = std::unique_ptr<fluid_synth_t, decltype(&::delete_fluid_synth)>;

Settings make_settings(const FluidSynthLibrary& fluid, const AudioOptions& options, int channels) {
  Settings settings(fluid.new_settings(), fluid.delete_settings);
  if (!settings) return settings;
  fluid.settings_setnum(settings.get(), "synth.sample-rate", options.sample_rate_hz);
  fluid.settings_setnum(settings.get(), "synth.gain", kSynthesizerGain);
  fluid.settings_setint(settings.get(), "synth.midi-channels", channels);
  fluid.settings_setint(settings.get(), "synth.polyphony", 512);
  // One thread and no dither: the same bytes every time.
  fluid.settings_setint(settings.get(), "synth.cpu-cores", 1);
  fluid.settings_setint(settings.get(), "synth.threadsafe-api", 0);
  fluid.settings_setint(settings.get(), "synth.reverb.active", 1);
  fluid.settings_setint(settings.get(), "synth.chorus.active", 1);
  // Only the instruments that sound are unpacked.
  fluid.settings_setint(settings.get(), "synth.dynamic-sample-loading", 1);
  return settings;
}

}  // namespace

std::vector<SoundEvent> sound_events(const score::Score& score, int sample_rate_hz, std::size_t channels) {
  const score::TempoMap tempo_map = score.tempo_map();
  const auto sample_at = [&](score::Ticks time) {
    return static_cast<std::int64_t>(std::llround(tempo_map.to_seconds(time).value * sample_rate_hz));
  };
  std::vector<SoundEvent> events;
  for (std::size_t t = 0; t < score.tracks.size(); ++t) {
    const score::Track& track = score.tracks[t];
    const int channel = static_cast<int>(t % channels);
    const auto put = [&](const auto& event, SoundEvent::Kind kind, int first, int second) {
      events.push_back({sample_at(event.onset), kind, channel, first, second, event.onset, event.place});
    };
    events.push_back({0, SoundEvent::Kind::program, channel, track.is_drum ? kDrumBank : 0, track.program});
    for (const score::ControlChange& c : track.controls) {
      if (is_for_synth(c)) put(c, SoundEvent::Kind::control, c.controller, c.value);
    }
    for (const score::PitchBend& bend : track.pitch_bends) put(bend, SoundEvent::Kind::bend, bend.value + 8192, 0);
    for (const score::Pressure& pressure : track.pressures) {
      if (pressure.key == score::Pressure::kAllKeys) {
        put(pressure, SoundEvent::Kind::channel_pressure, pressure.value, 0);
      } else {
        put(pressure, SoundEvent::Kind::key_pressure, pressure.key, pressure.value);
      }
    }
    put_notes(track, channel, sample_at, events);
  }
  std::stable_sort(events.begin(), events.end(), [](const SoundEvent& a, const SoundEvent& b) {
    return std::tuple(a.sample, a.tick, rank_of(a), a.kind) < std::tuple(b.sample, b.tick, rank_of(b), b.kind);
  });
  return events;
}

struct Synthesizer::State {
  const FluidSynthLibrary& fluid;
  Settings settings;
  Synth synth;
  std::vector<std::array<int, 128>> sounding;  // notes held by channel and key
};

Synthesizer::Synthesizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Synthesizer::~Synthesizer() = default;

Result<std::unique_ptr<Synthesizer>> Synthesizer::create(const score::Score& score, const AudioOptions& options) {
  CONTINUO_ASSIGN(const FluidSynthLibrary* const fluid, FluidSynthLibrary::get());
  silence_fluidsynth(*fluid);
  CONTINUO_ASSIGN(const std::filesystem::path soundfont, soundfont_file(options.soundfont));
  const int tracks = static_cast<int>(std::clamp<std::size_t>(score.tracks.size(), 1, kSynthesizerChannels));
  const int channels = (tracks + 15) / 16 * 16;
  Settings settings = make_settings(*fluid, options, channels);
  Synth synth(settings ? fluid->new_synth(settings.get()) : nullptr, fluid->delete_synth);
  if (!synth) return Error{ErrorCode::unsupported, "FluidSynth cannot be started with these options", {}, {}};
  for (int channel = 0; channel < channels; ++channel) {
    const bool is_drum = channel < tracks && score.tracks[static_cast<std::size_t>(channel)].is_drum;
    fluid->synth_set_channel_type(synth.get(), channel, is_drum ? CHANNEL_TYPE_DRUM : CHANNEL_TYPE_MELODIC);
  }
  if (fluid->synth_sfload(synth.get(), soundfont.c_str(), 0) == FLUID_FAILED) {
    return Error{ErrorCode::wrong_format, "is not a SoundFont that FluidSynth can load", {}, soundfont.string()};
  }
  std::vector<std::array<int, 128>> sounding(static_cast<std::size_t>(channels));
  std::unique_ptr<State> state(new State{*fluid, std::move(settings), std::move(synth), std::move(sounding)});
  return std::unique_ptr<Synthesizer>(new Synthesizer(std::move(state)));
}

void Synthesizer::apply(const SoundEvent& event) {
  const FluidSynthLibrary& fluid = state_->fluid;
  fluid_synth_t* synth = state_->synth.get();
  const auto key = static_cast<std::size_t>(event.first & 127);
  int& held = state_->sounding[static_cast<std::size_t>(event.channel)][key];
  switch (event.kind) {
    case SoundEvent::Kind::program:
      fluid.synth_bank_select(synth, event.channel, event.first);
      fluid.synth_program_change(synth, event.channel, event.second);
      break;
    case SoundEvent::Kind::control:
      fluid.synth_cc(synth, event.channel, event.first, event.second);
      break;
    case SoundEvent::Kind::bend:
      fluid.synth_pitch_bend(synth, event.channel, event.first);
      break;
    case SoundEvent::Kind::channel_pressure:
      fluid.synth_channel_pressure(synth, event.channel, event.first);
      break;
    case SoundEvent::Kind::key_pressure:
      fluid.synth_key_pressure(synth, event.channel, event.first, event.second);
      break;
    case SoundEvent::Kind::note_on:
      ++held;
      fluid.synth_noteon(synth, event.channel, event.first, event.second);
      break;
    case SoundEvent::Kind::note_off:
      // Two notes of one key may overlap; the key goes up with the last.
      if (--held <= 0) fluid.synth_noteoff(synth, event.channel, event.first);
      break;
  }
}

void Synthesizer::render(std::span<float> samples) {
  state_->fluid.synth_write_float(state_->synth.get(), static_cast<int>(samples.size() / 2), samples.data(), 0, 2,
                                  samples.data(), 1, 2);
}

}  // namespace continuo::render
