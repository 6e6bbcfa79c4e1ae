#include "shipped_models.h"

#include <algorithm>
#include <cstdlib>

#include "continuo/base/platform/platform.h"

namespace continuo::app {
namespace {

constexpr ShippedModel kModels[] = {
    {"band", "pieces for instruments and chords; infill, variation, accompany, arrange, longer pieces"},
    {"folk", "songs and folk tunes as lead sheets: a melody and its chords; what band does"},
    {"piano", "piano as it is played, in seconds; perform"},
    {"drums", "beats and fills, with loudness"},
    {"chorale", "chorales in four voices"},
    {"chorale_lstm", "the same by an LSTM a third as large"},
    {"harmony", "harmonise: three voices below a melody"},
    {"groove", "humanise: loudness and timing of drums; beat: drums for a tapped rhythm; beats"},
};

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

bool all_drums(const score::Score& piece) {
  return std::ranges::all_of(piece.tracks,
                             [](const score::Track& track) { return track.is_drum || track.notes.empty(); });
}

}  // namespace

std::span<const ShippedModel> shipped_models() { return kModels; }

std::optional<std::filesystem::path> models_folder() {
  if (const char* named = std::getenv("CONTINUO_MODELS"); named != nullptr && *named != '\0') return named;
  const auto programs = platform::executable_path().parent_path();
  for (const char* place : {"../share/continuo/models", "../../../models"})
    if (is_folder(programs / place)) return (programs / place).lexically_normal();
  return std::nullopt;
}

std::optional<std::filesystem::path> model_named(const std::string& name) {
  const auto folder = models_folder();
  if (!folder || name.empty() || std::filesystem::path(name).has_parent_path()) return std::nullopt;
  const auto file = *folder / (name + ".safetensors");
  std::error_code ignored;
  return std::filesystem::is_regular_file(file, ignored) ? std::optional(file) : std::nullopt;
}

std::string_view fitting_model(const generate::ComposeOptions& options) {
  if (options.harmonise) return "harmony";
  if (options.humanise || options.beat) return "groove";
  if (options.perform) return "piano";
  if (options.fill || !options.add_tracks.empty()) return "band";
  if (options.primer && all_drums(*options.primer)) return "drums";
  return !options.primer && options.length.unit == generate::LengthUnit::kSeconds ? "piano" : "band";
}

}  // namespace continuo::app
