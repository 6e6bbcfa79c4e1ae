#include "synthesizer.h"

#include <algorithm>
#include <array>
#include <vector>

#include "fluidsynth_library.h"
#include "soundfont_file.h"

namespace continuo::render {
namespace {

constexpr double kSynthesizerGain = 0.6;  // level before normalising; FluidSynth warns of clipping above 1

FluidSettings make_settings(const FluidSynthLibrary& fluid, const AudioOptions& options, int channels) {
  FluidSettings settings(fluid.new_settings(), fluid.delete_settings);
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

struct Synthesizer::State {
  const FluidSynthLibrary& fluid;
  FluidSettings settings;
  FluidSynth synth;
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
  FluidSettings settings = make_settings(*fluid, options, channels);
  FluidSynth synth(settings ? fluid->new_synth(settings.get()) : nullptr, fluid->delete_synth);
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
