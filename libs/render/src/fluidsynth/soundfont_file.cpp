#include "soundfont_file.h"

#include <array>
#include <fstream>
#include <mutex>
#include <string_view>
#include <system_error>

#include "continuo/render/audio_options.h"

namespace continuo::render {
namespace {

void ignore_message(int, const char*, void*) {}

Status check(const std::filesystem::path& path) {
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

}  // namespace

Result<std::filesystem::path> soundfont_file(const std::filesystem::path& given) {
  std::filesystem::path path = given;
  if (path.empty()) {
    CONTINUO_ASSIGN(path, default_soundfont());
  }
  CONTINUO_TRY(check(path));
  return path;
}

void silence_fluidsynth(const FluidSynthLibrary& fluid) {
  static std::once_flag once;
  std::call_once(once, [&] {
    for (int level = FLUID_PANIC; level < LAST_LOG_LEVEL; ++level)
      fluid.set_log_function(level, ignore_message, nullptr);
  });
}

}  // namespace continuo::render
