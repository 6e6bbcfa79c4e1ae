#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "layouts/recognise.h"

namespace continuo::corpus {
namespace {

bool is_song_number(std::string_view name) {
  return name.size() == 3 && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The song's number, and the rest of the path, when `path` is in the folder of a song.
std::optional<std::pair<std::string_view, std::string_view>> song_part(std::string_view path) {
  if (path.starts_with("POP909/")) path.remove_prefix(7);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || !is_song_number(path.substr(0, slash))) return std::nullopt;
  return std::pair(path.substr(0, slash), path.substr(slash + 1));
}

bool is_song(const SourceEntry& entry) {
  const auto part = song_part(entry.path);
  return part && part->second == std::string(part->first) + ".mid";
}

bool is_version(const SourceEntry& entry) {
  const auto part = song_part(entry.path);
  return part && part->second.starts_with("versions/");
}

}  // namespace

Result<bool> recognise_pop909(Source& source) {
  auto& entries = source.entries;
  if (std::none_of(entries.begin(), entries.end(), is_song)) return false;
  std::error_code ignored;
  const bool named = std::filesystem::is_directory(source.folder / "POP909", ignored);
  if (!named && std::none_of(entries.begin(), entries.end(), is_version)) return false;
  if (const auto count = std::erase_if(entries, is_version); count > 0)
    source.skipped["alternative versions (pop909: NNN/versions)"] += count;
  return true;
}

}  // namespace continuo::corpus
