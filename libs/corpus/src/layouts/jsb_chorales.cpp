#include "layouts/jsb_chorales.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "continuo/base/file.h"

#include "layouts/recognise.h"

namespace continuo::corpus {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLimitBytes = std::uint64_t{64} << 20;
constexpr std::size_t kVoices = 4;
constexpr std::int32_t kTicksPerQuarter = 480, kTicksPerStep = kTicksPerQuarter / 4;
constexpr std::array<const char*, kVoices> kVoiceNames = {"Soprano", "Alto", "Tenor", "Bass"};

Result<score::Score> chorale_from(const json& steps, std::size_t number) {
  const auto malformed = [&](std::size_t step) {
    return Error{ErrorCode::malformed,
                 "is not four pitches or silences",
                 "chorale " + std::to_string(number + 1) + ", step " + std::to_string(step + 1),
                 {}};
  };
  score::Score score;
  score.ticks_per_quarter = kTicksPerQuarter;
  score.tracks.resize(kVoices);
  std::array<int, kVoices> sounding;
  sounding.fill(-1);
  if (!steps.is_array()) return malformed(0);
  for (std::size_t voice = 0; voice < kVoices; ++voice) score.tracks[voice].name = kVoiceNames[voice];
  for (std::size_t step = 0; step < steps.size(); ++step) {
    if (!steps[step].is_array() || steps[step].size() != kVoices) return malformed(step);
    for (std::size_t voice = 0; voice < kVoices; ++voice) {
      const json& value = steps[step][voice];
      if (!value.is_number()) return malformed(step);
      const double pitch = value.get<double>();
      if (pitch < -1 || pitch > 127 || pitch != double(int(pitch))) return malformed(step);
      auto& notes = score.tracks[voice].notes;
      if (int(pitch) >= 0 && int(pitch) == sounding[voice]) {
        notes.back().duration.value += kTicksPerStep;
      } else if (int(pitch) >= 0) {
        notes.push_back(
            {score::Ticks(std::int64_t(step) * kTicksPerStep), score::Ticks(kTicksPerStep), std::uint8_t(pitch)});
      }
      sounding[voice] = int(pitch);
    }
  }
  return score;
}

}  // namespace

std::string_view jsb_split_name(Split split) { return split == Split::kValidation ? "valid" : to_string(split); }

Result<std::vector<score::Score>> read_jsb_chorales(const std::filesystem::path& path, std::string_view name) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(path, kLimitBytes));
  const json object = json::parse(text, nullptr, false);
  const auto list = object.is_object() ? object.find(name) : object.end();
  if (list == object.end() || !list->is_array())
    return Error{.code = ErrorCode::wrong_format,
                 .what = "holds no list of chorales named '" + std::string(name) + "'",
                 .path = path.string()};
  std::vector<score::Score> scores;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto score = chorale_from((*list)[i], i);
    if (!score.ok()) return score.error().in_file(path.string());
    scores.push_back(*std::move(score));
  }
  return scores;
}

// An entry is a split of the file, so that many pieces need no file each.
Result<bool> recognise_jsb(Source& source) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(source.folder / kJsbFileName, ignored)) return false;
  source.official_split = true;
  if (!source.entries.empty()) source.skipped["files beside the grid of sixteenths (jsb)"] += source.entries.size();
  source.entries.clear();
  for (const Split split : {Split::kTest, Split::kTrain, Split::kValidation}) {
    source.entries.push_back({.path = std::string(kJsbFileName) + "/" + std::string(jsb_split_name(split)),
                              .split = split,
                              .file_length = static_cast<std::uint32_t>(kJsbFileName.size())});
  }
  return true;
}

Result<std::vector<score::Score>> read_jsb(const Source& source, const SourceEntry& entry, LeftOut&) {
  return read_jsb_chorales(source.folder / entry.file(), entry.part());
}

}  // namespace continuo::corpus
