#include "continuo/render/sound_device.h"

#include <cmath>
#include <utility>

#include "continuo/base/platform/platform.h"
#include "continuo/midi/event.h"
#include "continuo/render/audio_options.h"

#include "fluidsynth_library.h"
#include "soundfont_file.h"

namespace continuo::render {
namespace {

constexpr double kUsualGain = 0.4;  // leaves room for many notes at once
using Driver = std::unique_ptr<fluid_audio_driver_t, decltype(&::delete_fluid_audio_driver)>;

Error no_device(const std::string& driver) {
  return {ErrorCode::not_found,
          driver.empty() ? "no sound device can be opened here"
                         : "no sound device can be opened by the driver '" + driver + "'",
          {},
          {}};
}

}  // namespace

// In this order: the driver goes first, then what it plays.
struct SoundDevice::State {
  const FluidSynthLibrary& fluid;
  FluidSettings settings;
  FluidSynth synth;
  Driver driver;
};

SoundDevice::SoundDevice(std::unique_ptr<State> state) : state_(std::move(state)) {}
SoundDevice::~SoundDevice() {
  const platform::MutedErrors muted;
  state_.reset();
}

Result<std::unique_ptr<SoundDevice>> SoundDevice::open(const SoundDeviceOptions& options) {
  CONTINUO_ASSIGN(const FluidSynthLibrary* const fluid, FluidSynthLibrary::get());
  silence_fluidsynth(*fluid);
  CONTINUO_ASSIGN(const std::filesystem::path soundfont, soundfont_file(options.soundfont));
  platform::set_environment_default("JACK_NO_START_SERVER", "1");
  const platform::MutedErrors muted;  // the sound systems below FluidSynth write on their own
  FluidSettings settings(fluid->new_settings(), fluid->delete_settings);
  if (!settings) return no_device(options.driver);
  fluid->settings_setnum(settings.get(), "synth.gain", kUsualGain * std::pow(10.0, options.gain_db / 20));
  if (!options.driver.empty()) fluid->settings_setstr(settings.get(), "audio.driver", options.driver.c_str());
  fluid->settings_setint(settings.get(), "audio.jack.autoconnect", 1);
  // Only the instruments that sound are unpacked, when their program is chosen.
  fluid->settings_setint(settings.get(), "synth.dynamic-sample-loading", 1);
  FluidSynth synth(fluid->new_synth(settings.get()), fluid->delete_synth);
  if (!synth || fluid->synth_sfload(synth.get(), soundfont.c_str(), 1) == FLUID_FAILED)
    return Error{ErrorCode::wrong_format, "is not a SoundFont that FluidSynth can load", {}, soundfont.string()};
  Driver driver(fluid->new_audio_driver(settings.get(), synth.get()), fluid->delete_audio_driver);
  if (!driver) return no_device(options.driver);
  std::unique_ptr<State> state(new State{*fluid, std::move(settings), std::move(synth), std::move(driver)});
  return std::unique_ptr<SoundDevice>(new SoundDevice(std::move(state)));
}

void SoundDevice::send(std::span<const std::uint8_t> message) {
  if (message.size() < 2) return;
  const FluidSynthLibrary& fluid = state_->fluid;
  fluid_synth_t* const synth = state_->synth.get();
  const int channel = message[0] & 0x0F, first = message[1], second = message.size() > 2 ? message[2] : 0;
  switch (static_cast<midi::EventKind>(message[0] & 0xF0)) {
    case midi::EventKind::note_off:
      fluid.synth_noteoff(synth, channel, first);
      break;
    case midi::EventKind::note_on:
      fluid.synth_noteon(synth, channel, first, second);  // a velocity of 0 ends the note
      break;
    case midi::EventKind::poly_pressure:
      fluid.synth_key_pressure(synth, channel, first, second);
      break;
    case midi::EventKind::control_change:
      fluid.synth_cc(synth, channel, first, second);
      break;
    case midi::EventKind::program_change:
      fluid.synth_program_change(synth, channel, first);
      break;
    case midi::EventKind::channel_pressure:
      fluid.synth_channel_pressure(synth, channel, first);
      break;
    case midi::EventKind::pitch_bend:
      fluid.synth_pitch_bend(synth, channel, first | second << 7);
      break;
    default:
      break;
  }
}

}  // namespace continuo::render
