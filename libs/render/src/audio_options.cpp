#include "continuo/render/audio_options.h"

#include <cstdlib>
#include <system_error>

namespace continuo::render {
namespace fs = std::filesystem;

Result<fs::path> default_soundfont() {
  std::error_code ignored;
  if (const char* given = std::getenv("CONTINUO_SOUNDFONT"); given != nullptr && *given != '\0') {
    if (fs::is_regular_file(given, ignored)) return fs::path(given);
    return Error{ErrorCode::not_found, "CONTINUO_SOUNDFONT names no file", {}, given};
  }
  for (const char* folder : {"/usr/share/sounds/sf3", "/usr/share/sounds/sf2", "/usr/share/soundfonts"}) {
    for (const char* name : {"MuseScore_General_Lite.sf3", "MuseScore_General.sf3", "MuseScore_General_Full.sf3",
                             "default-GM.sf3", "FluidR3_GM.sf3", "MuseScore_General.sf2", "FluidR3_GM.sf2",
                             "TimGM6mb.sf2", "default-GM.sf2", "FluidR3_GS.sf2", "default.sf2"}) {
      const fs::path candidate = fs::path(folder) / name;
      if (fs::is_regular_file(candidate, ignored)) return candidate;
    }
  }
  return Error{ErrorCode::not_found,
               "no General MIDI SoundFont is installed: install the package musescore-general-soundfont-small, or set "
               "CONTINUO_SOUNDFONT",
               {},
               {}};
}

}  // namespace continuo::render
