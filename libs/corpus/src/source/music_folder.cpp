#include "source/music_folder.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "continuo/base/text.h"
#include "continuo/notation/musicxml.h"
#include "continuo/notation/notation.h"

namespace continuo::corpus {
namespace fs = std::filesystem;
namespace {

// Music of formats that cannot be read: such files are rejects, so that they are not overlooked.
constexpr std::array<std::string_view, 1> kUnreadableExtensions = {".krn"};

// What may be the table of a collection.
constexpr std::array<std::string_view, 2> kTableExtensions = {".csv", ".json"};

std::string extension_of(const fs::path& path) { return lower_case(path.extension().string()); }

// Much else is XML: such files count as music if they begin as MusicXML.
bool begins_as_musicxml(const fs::path& path) {
  constexpr std::size_t kHeadBytes = 4096;
  std::ifstream file(path, std::ios::binary);
  std::string head(kHeadBytes, '\0');
  file.read(head.data(), kHeadBytes);
  head.resize(static_cast<std::size_t>(file.gcount()));
  return notation::looks_like_musicxml(head);
}

bool holds(const auto& extensions, const std::string& extension) {
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

Error folder_error(const std::error_code& code, const fs::path& path) {
  return {.code = ErrorCode::io, .what = "cannot be listed (" + code.message() + ")", .path = path.string()};
}

void add_music_file(const fs::directory_entry& entry, const std::string& path, Source& source) {
  std::error_code ignored;
  if (entry.is_regular_file(ignored)) {
    source.entries.push_back({.path = path});
  } else if (entry.is_symlink(ignored) && !entry.exists(ignored)) {
    source.rejects.push_back({path, ErrorCode::not_found, "is a symbolic link to nothing"});
  } else {
    source.rejects.push_back({path, ErrorCode::io, "is not a regular file"});
  }
}

// Adds everything below `relative` to the source; what cannot be entered becomes a reject.
void walk(const std::string& relative, Source& source) {
  std::error_code code;
  fs::directory_iterator children(source.folder / relative, code);
  if (code) {
    source.rejects.push_back({relative, ErrorCode::io, folder_error(code, {}).what});
    return;
  }
  std::vector<fs::directory_entry> entries;
  for (; children != fs::directory_iterator() && !code; children.increment(code)) entries.push_back(*children);
  if (code) source.rejects.push_back({relative, ErrorCode::io, folder_error(code, {}).what});

  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().string();
    const std::string path = relative.empty() ? name : relative + "/" + name;
    std::error_code ignored;
    if (entry.is_directory(ignored)) {
      if (entry.is_symlink(ignored)) {
        ++source.skipped["symbolic links to folders"];
      } else {
        walk(path, source);
      }
    } else if (is_music_file(entry.path())) {
      add_music_file(entry, path, source);
    } else if (const std::string extension = extension_of(entry.path()); holds(kUnreadableExtensions, extension)) {
      source.rejects.push_back({path, ErrorCode::unsupported, "is music of a format that cannot be read"});
    } else if (holds(kTableExtensions, extension) && entry.is_regular_file(ignored)) {
      source.tables.push_back(path);
    }
  }
}

}  // namespace

bool is_music_file(const fs::path& path) {
  const std::string extension = extension_of(path);
  if (!holds(notation::readable_extensions(), extension)) return false;
  std::error_code ignored;
  return extension != ".xml" || (fs::is_regular_file(path, ignored) && begins_as_musicxml(path));
}

Result<Source> read_music_folder(const fs::path& folder) {
  std::error_code code;
  if (fs::directory_iterator(folder, code); code) return folder_error(code, folder);
  Source source;
  source.folder = folder;
  source.name = fs::weakly_canonical(folder, code).filename().string();
  source.layout = "folder";
  source.licence = "unknown";
  walk("", source);
  const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
  std::sort(source.entries.begin(), source.entries.end(), by_path);
  return source;
}

}  // namespace continuo::corpus
