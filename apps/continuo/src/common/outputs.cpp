#include "outputs.h"

#include <algorithm>
#include <array>
#include <vector>

#include "continuo/notation/notation.h"
#include "continuo/render/audio.h"

namespace continuo::app {
namespace {

constexpr std::array<std::string_view, 3> kRendered = {".wav", ".png", ".svg"};

}  // namespace

std::span<const std::string_view> rendered_extensions() { return kRendered; }

std::span<const std::string_view> output_extensions() {
  static const std::vector<std::string_view> all = [] {
    const auto written = notation::writable_extensions();
    std::vector<std::string_view> extensions(written.begin(), written.end());
    extensions.insert(extensions.end(), kRendered.begin(), kRendered.end());
    return extensions;
  }();
  return all;
}

Status check_extension(const std::filesystem::path& path, std::span<const std::string_view> known) {
  const auto extension = path.extension().string();
  if (std::find(known.begin(), known.end(), extension) != known.end()) return {};
  const std::string what = extension.empty() ? "a file without an extension" : extension;
  return Error{
      ErrorCode::unsupported, "cannot write " + what + " (known: " + notation::listed(known) + ")", {}, path.string()};
}

Status write_any(const score::Score& score, const std::filesystem::path& path,
                 const render::PianoRollOptions& picture) {
  CONTINUO_TRY(check_extension(path, output_extensions()));
  const auto extension = path.extension().string();
  if (extension == ".wav") return render::write_audio(score, path);
  if (extension == ".png" || extension == ".svg") return render::write_piano_roll(score, path, picture);
  return notation::write_score(score, path);
}

}  // namespace continuo::app
