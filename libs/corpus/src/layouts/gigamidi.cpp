#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "layouts/recognise.h"

namespace continuo::corpus {
namespace {

// train/training-V1.1-80%/..., validation/validation-V1.1-10%/..., test/testing-V1.1-10%/...
std::optional<Split> split_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, Split>, 4> kFolders = {{{"training-V", Split::kTrain},
                                                                           {"validation-V", Split::kValidation},
                                                                           {"testing-V", Split::kTest},
                                                                           {"test-V", Split::kTest}}};
  for (const auto& [folder, split] : kFolders)
    if (path.starts_with(folder) || path.find("/" + std::string(folder)) != std::string_view::npos) return split;
  return std::nullopt;
}

}  // namespace

Result<bool> recognise_gigamidi(Source& source) {
  auto& entries = source.entries;
  const auto has_split = [](const SourceEntry& entry) { return split_of(entry.path).has_value(); };
  if (entries.empty() || !std::all_of(entries.begin(), entries.end(), has_split)) return false;
  for (SourceEntry& entry : entries) entry.split = split_of(entry.path);
  source.official_split = true;
  return true;
}

}  // namespace continuo::corpus
