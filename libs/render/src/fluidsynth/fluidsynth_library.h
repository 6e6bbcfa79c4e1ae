#pragma once

#include <memory>

#include <fluidsynth.h>

#include "continuo/base/result.h"

namespace continuo::render {

// What we use of FluidSynth, by its own names less "fluid_". It is loaded with the first sound that is made: with the
// fifty libraries behind it, it would take a third of the time in which the program starts (ADR 0007).
struct FluidSynthLibrary {
  decltype(&::new_fluid_settings) new_settings = nullptr;
  decltype(&::delete_fluid_settings) delete_settings = nullptr;
  decltype(&::new_fluid_audio_driver) new_audio_driver = nullptr;
  decltype(&::delete_fluid_audio_driver) delete_audio_driver = nullptr;
  decltype(&::fluid_settings_setint) settings_setint = nullptr;
  decltype(&::fluid_settings_setnum) settings_setnum = nullptr;
  decltype(&::fluid_settings_setstr) settings_setstr = nullptr;
  decltype(&::new_fluid_synth) new_synth = nullptr;
  decltype(&::delete_fluid_synth) delete_synth = nullptr;
  decltype(&::fluid_set_log_function) set_log_function = nullptr;
  decltype(&::fluid_synth_bank_select) synth_bank_select = nullptr;
  decltype(&::fluid_synth_cc) synth_cc = nullptr;
  decltype(&::fluid_synth_channel_pressure) synth_channel_pressure = nullptr;
  decltype(&::fluid_synth_key_pressure) synth_key_pressure = nullptr;
  decltype(&::fluid_synth_noteoff) synth_noteoff = nullptr;
  decltype(&::fluid_synth_noteon) synth_noteon = nullptr;
  decltype(&::fluid_synth_pitch_bend) synth_pitch_bend = nullptr;
  decltype(&::fluid_synth_program_change) synth_program_change = nullptr;
  decltype(&::fluid_synth_set_channel_type) synth_set_channel_type = nullptr;
  decltype(&::fluid_synth_sfload) synth_sfload = nullptr;
  decltype(&::fluid_synth_write_float) synth_write_float = nullptr;

  // Loaded once, thread-safe. Errors: not_found, unsupported (a library without one of these).
  static Result<const FluidSynthLibrary*> get();
};

using FluidSettings = std::unique_ptr<fluid_settings_t, decltype(&::delete_fluid_settings)>;
using FluidSynth = std::unique_ptr<fluid_synth_t, decltype(&::delete_fluid_synth)>;

}  // namespace continuo::render
