#include "source/source_list.h"

#include <algorithm>
#include <set>
#include <string>
#include <system_error>

#include "continuo/base/file.h"

namespace continuo::corpus {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLimitBytes = std::uint64_t{1} << 30;
constexpr std::size_t kLongestPath = 4096;  // PATH_MAX of Linux

Result<SourceEntry> entry_of(std::string_view line) {
  SourceEntry entry;
  const auto tab = line.find('\t');
  entry.path = line.substr(0, tab);
  if (tab == std::string_view::npos) return entry;
  CONTINUO_ASSIGN(entry.split, split_from_string(line.substr(tab + 1)));
  return entry;
}

}  // namespace

Result<Source> read_source_list(const fs::path& path) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(path, kLimitBytes));
  if (text.find('\0') != std::string::npos)
    return Error{ErrorCode::io, "is neither a folder nor a list of files", {}, path.string()};
  Source source;
  source.folder = path.parent_path();
  source.name = path.stem().string();
  source.layout = "list";
  source.licence = "unknown";
  std::set<std::string> seen;
  std::size_t with_split = 0, number = 0;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    // A data file of one long line would be quoted whole in each message about it.
    if (line.size() > kLongestPath + sizeof("\tvalidation"))
      return Error{ErrorCode::malformed,
                   "has a line too long for a path, so it is no list of files; name the folder of the music",
                   "line " + std::to_string(number + 1), path.string()};
    auto entry = entry_of(line);
    std::string fault = entry.ok() ? "" : entry.error().what;
    if (entry.ok() && !seen.insert(entry->path).second) fault = entry->path + " is listed twice";
    if (!fault.empty()) return Error{ErrorCode::malformed, fault, "line " + std::to_string(number + 1), path.string()};
    with_split += entry->split.has_value();
    std::error_code ignored;
    if (fs::is_regular_file(source.folder / entry->path, ignored)) {
      source.entries.push_back(*std::move(entry));
    } else {
      source.rejects.push_back({entry->path, ErrorCode::not_found, "is listed, but no file"});
    }
  }
  if (seen.empty()) return Error{ErrorCode::empty, "lists no file", {}, path.string()};
  if (source.entries.empty())
    return Error{ErrorCode::not_found,
                 "lists no file that exists; the first is '" + source.rejects.front().path + "'",
                 {},
                 path.string()};
  if (with_split != 0 && with_split != seen.size())
    return Error{ErrorCode::malformed, "gives some files a split and others none", {}, path.string()};
  source.official_split = with_split > 0;
  const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
  std::sort(source.entries.begin(), source.entries.end(), by_path);
  std::sort(source.rejects.begin(), source.rejects.end(), by_path);
  return source;
}

}  // namespace continuo::corpus
