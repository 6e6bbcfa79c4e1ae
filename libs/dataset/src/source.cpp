#include "continuo/dataset/source.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <system_error>

#include "continuo/notation/musicxml.h"
#include "continuo/notation/notation.h"

#include "jsb_chorales.h"
#include "layouts.h"
#include "source_list.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

std::string extension_of(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = char(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

// Much else is XML: such files count as music where their beginning says so.
bool begins_as_musicxml(const fs::path& path) {
  constexpr std::size_t kHeadBytes = 4096;
  std::ifstream file(path, std::ios::binary);
  std::string head(kHeadBytes, '\0');
  file.read(head.data(), kHeadBytes);
  head.resize(static_cast<std::size_t>(file.gcount()));
  return notation::looks_like_musicxml(head);
}

bool is_music_file(const fs::path& path) {
  const auto known = notation::readable_extensions();
  const std::string extension = extension_of(path);
  if (std::find(known.begin(), known.end(), extension) == known.end()) return false;
  std::error_code ignored;
  return extension != ".xml" || (fs::is_regular_file(path, ignored) && begins_as_musicxml(path));
}

// Music that we cannot read is named, not passed over.
bool is_unreadable_music_file(const fs::path& path) { return extension_of(path) == ".krn"; }

Error folder_error(const std::error_code& code, const fs::path& path) {
  return {.code = ErrorCode::io, .what = "cannot be listed (" + code.message() + ")", .path = path.string()};
}

// Adds everything below `relative` to the source; what cannot be entered becomes a reject.
void walk(const fs::path& root, const std::string& relative, Source& source) {
  std::error_code code;
  fs::directory_iterator children(root / relative, code);
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
    const bool is_link = entry.is_symlink(ignored);
    if (entry.is_directory(ignored)) {
      if (is_link) {
        ++source.skipped["symbolic links to folders"];
      } else {
        walk(root, path, source);
      }
    } else if (is_music_file(entry.path())) {
      if (entry.is_regular_file(ignored)) {
        source.entries.push_back({path, std::nullopt});
      } else if (is_link && !entry.exists(ignored)) {
        source.rejects.push_back({path, ErrorCode::not_found, "is a symbolic link to nothing"});
      } else {
        source.rejects.push_back({path, ErrorCode::io, "is not a regular file"});
      }
    } else if (is_unreadable_music_file(entry.path())) {
      source.rejects.push_back({path, ErrorCode::unsupported, "is music of a format that cannot be read"});
    }
  }
}

}  // namespace

fs::path Source::file_of(std::size_t entry) const {
  const fs::path path = folder / entries[entry].path;
  return path.parent_path().filename() == kJsbFileName ? path.parent_path() : path;
}

Result<Source> list_source(const fs::path& folder) {
  std::error_code code;
  const fs::file_status status = fs::status(folder, code);
  if (!fs::exists(status)) return Error{ErrorCode::not_found, "no such folder", {}, folder.string()};
  if (fs::is_regular_file(status) && !is_music_file(folder)) return read_source_list(folder);
  if (!fs::is_directory(status)) return Error{ErrorCode::io, "is not a folder", {}, folder.string()};
  if (fs::directory_iterator(folder, code); code) return folder_error(code, folder);

  Source source;
  source.folder = folder;
  source.name = fs::weakly_canonical(folder, code).filename().string();
  source.layout = "folder";
  source.licence = "unknown";
  walk(folder, "", source);
  const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
  std::sort(source.entries.begin(), source.entries.end(), by_path);

  CONTINUO_TRY(apply_layout(source));
  std::sort(source.rejects.begin(), source.rejects.end(), by_path);
  return source;
}

}  // namespace continuo::dataset
