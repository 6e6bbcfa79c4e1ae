#include "fluidsynth_library.h"

#include "continuo/base/platform/platform.h"

namespace continuo::render {
namespace {

Result<FluidSynthLibrary> load() {
  CONTINUO_ASSIGN(const auto library, platform::SharedLibrary::load(CONTINUO_FLUIDSYNTH_LIBRARY));
  FluidSynthLibrary fluid;
  CONTINUO_TRY(library.bind(fluid.new_settings, "new_fluid_settings"));
  CONTINUO_TRY(library.bind(fluid.delete_settings, "delete_fluid_settings"));
  CONTINUO_TRY(library.bind(fluid.new_audio_driver, "new_fluid_audio_driver"));
  CONTINUO_TRY(library.bind(fluid.delete_audio_driver, "delete_fluid_audio_driver"));
  CONTINUO_TRY(library.bind(fluid.settings_setint, "fluid_settings_setint"));
  CONTINUO_TRY(library.bind(fluid.settings_setnum, "fluid_settings_setnum"));
  CONTINUO_TRY(library.bind(fluid.settings_setstr, "fluid_settings_setstr"));
  CONTINUO_TRY(library.bind(fluid.new_synth, "new_fluid_synth"));
  CONTINUO_TRY(library.bind(fluid.delete_synth, "delete_fluid_synth"));
  CONTINUO_TRY(library.bind(fluid.set_log_function, "fluid_set_log_function"));
  CONTINUO_TRY(library.bind(fluid.synth_bank_select, "fluid_synth_bank_select"));
  CONTINUO_TRY(library.bind(fluid.synth_cc, "fluid_synth_cc"));
  CONTINUO_TRY(library.bind(fluid.synth_channel_pressure, "fluid_synth_channel_pressure"));
  CONTINUO_TRY(library.bind(fluid.synth_key_pressure, "fluid_synth_key_pressure"));
  CONTINUO_TRY(library.bind(fluid.synth_noteoff, "fluid_synth_noteoff"));
  CONTINUO_TRY(library.bind(fluid.synth_noteon, "fluid_synth_noteon"));
  CONTINUO_TRY(library.bind(fluid.synth_pitch_bend, "fluid_synth_pitch_bend"));
  CONTINUO_TRY(library.bind(fluid.synth_program_change, "fluid_synth_program_change"));
  CONTINUO_TRY(library.bind(fluid.synth_set_channel_type, "fluid_synth_set_channel_type"));
  CONTINUO_TRY(library.bind(fluid.synth_sfload, "fluid_synth_sfload"));
  CONTINUO_TRY(library.bind(fluid.synth_write_float, "fluid_synth_write_float"));
  return fluid;
}

}  // namespace

Result<const FluidSynthLibrary*> FluidSynthLibrary::get() {
  static const Result<FluidSynthLibrary> loaded = load();
  if (!loaded.ok()) return loaded.error();
  return &*loaded;
}

}  // namespace continuo::render
