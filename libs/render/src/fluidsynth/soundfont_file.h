#pragma once

#include <filesystem>

#include "continuo/base/result.h"

#include "fluidsynth_library.h"

namespace continuo::render {

// The SoundFont that is given, or where none is, default_soundfont(). It is looked at before FluidSynth sees it, whose
// further loaders write to the terminal about files that are nothing of theirs. Errors: not_found, wrong_format.
Result<std::filesystem::path> soundfont_file(const std::filesystem::path& given);

// From now on FluidSynth writes nothing to the terminal. Thread-safe.
void silence_fluidsynth(const FluidSynthLibrary& fluid);

}  // namespace continuo::render
