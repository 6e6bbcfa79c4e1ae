#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "layouts/recognise.h"

namespace continuo::corpus {
namespace {

// data/XX/NUMBER_SEGMENT.mid
bool is_segment(const SourceEntry& entry) {
  const std::string stem = std::filesystem::path(entry.path).stem().string();
  const auto line = stem.find('_');
  return entry.path.starts_with("data/") && line != std::string::npos && line > 0 && line + 1 < stem.size() &&
         stem.find_first_not_of("0123456789_") == std::string::npos;
}

}  // namespace

Result<bool> recognise_aria_midi(Source& source) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(source.folder / "metadata.json", ignored)) return false;
  const auto& entries = source.entries;
  return !entries.empty() && std::all_of(entries.begin(), entries.end(), is_segment);
}

}  // namespace continuo::corpus
