#include "continuo/dataset/source.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <system_error>

#include "continuo/base/file.h"
#include "continuo/notation/notation.h"

#include "csv.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kCsvLimitBytes = std::uint64_t{256} << 20;

bool is_music_file(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = char(std::tolower(static_cast<unsigned char>(c)));
  const auto known = notation::readable_extensions();
  return std::find(known.begin(), known.end(), extension) != known.end();
}

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
    }
  }
}

struct OfficialSplit {
  std::string layout, licence, csv_name;
  CsvTable table;
};

Result<OfficialSplit> read_official(const fs::path& folder, const std::string& csv_name, std::string layout,
                                    std::string licence) {
  const fs::path path = folder / csv_name;
  CONTINUO_ASSIGN(const std::string text, read_text_file(path, kCsvLimitBytes));
  auto table = CsvTable::parse(text);
  if (!table.ok()) return table.error().in_file(path.string());
  return OfficialSplit{std::move(layout), std::move(licence), csv_name, *std::move(table)};
}

bool names_columns(const OfficialSplit& official, std::initializer_list<std::string_view> names) {
  return std::all_of(names.begin(), names.end(),
                     [&](std::string_view name) { return official.table.column(name).has_value(); });
}

// The csv that gives this folder its split, if it has one.
Result<std::optional<OfficialSplit>> find_official(const fs::path& folder) {
  std::set<std::string> maestro;
  std::error_code code;
  for (fs::directory_iterator child(folder, code); !code && child != fs::directory_iterator(); child.increment(code)) {
    const std::string name = child->path().filename().string();
    if (name.starts_with("maestro-") && name.ends_with(".csv")) maestro.insert(name);
  }
  if (!maestro.empty()) {
    CONTINUO_ASSIGN(auto official, read_official(folder, *maestro.rbegin(), "maestro", "CC BY-NC-SA 4.0"));
    if (!names_columns(official, {"midi_filename", "split"})) {
      return Error{ErrorCode::malformed, "lacks the columns midi_filename and split", "line 1",
                   (folder / *maestro.rbegin()).string()};
    }
    return std::optional(std::move(official));
  }
  if (!fs::is_regular_file(folder / "info.csv", code)) return std::optional<OfficialSplit>();
  auto official = read_official(folder, "info.csv", "groove", "CC BY 4.0");
  if (!official.ok() || !names_columns(*official, {"drummer", "midi_filename", "split"}))
    return std::optional<OfficialSplit>();  // some other collection's info.csv
  return std::optional(*std::move(official));
}

Status apply_official(const OfficialSplit& official, Source& source) {
  const CsvTable& table = official.table;
  const std::size_t path_column = *table.column("midi_filename"), split_column = *table.column("split");
  std::map<std::string, Split> listed;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto split = split_from_string(table.at(row, split_column));
    const std::string path = fs::path(table.at(row, path_column)).lexically_normal().generic_string();
    const bool fresh = split.ok() && listed.emplace(path, *split).second;
    if (fresh) continue;
    return Error{ErrorCode::malformed, split.ok() ? path + " is listed twice" : split.error().what,
                 "row " + std::to_string(row + 2), (source.folder / official.csv_name).string()};
  }
  std::vector<SourceEntry> kept;
  for (SourceEntry& entry : source.entries) {
    const auto found = listed.find(entry.path);
    if (found == listed.end()) {
      source.rejects.push_back({entry.path, ErrorCode::unsupported, "is not listed in " + official.csv_name});
      continue;
    }
    entry.split = found->second;
    kept.push_back(std::move(entry));
    listed.erase(found);
  }
  for (const Reject& reject : source.rejects) listed.erase(reject.path);
  for (const auto& [path, split] : listed)
    source.rejects.push_back({path, ErrorCode::not_found, "is listed in " + official.csv_name + ", but missing"});
  source.entries = std::move(kept);
  source.layout = official.layout;
  source.licence = official.licence;
  source.official_split = true;
  return {};
}

bool is_song_number(std::string_view name) {
  return name.size() == 3 && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The song's number when `path` lies in the folder of a song of POP909, and what is behind that folder.
std::optional<std::pair<std::string, std::string>> song_part(std::string_view path) {
  if (path.starts_with("POP909/")) path.remove_prefix(7);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || !is_song_number(path.substr(0, slash))) return std::nullopt;
  return std::pair(std::string(path.substr(0, slash)), std::string(path.substr(slash + 1)));
}

void recognise_pop909(Source& source) {
  const auto is_song = [](const SourceEntry& entry) {
    const auto part = song_part(entry.path);
    return part && part->second == part->first + ".mid";
  };
  const auto is_version = [](const SourceEntry& entry) {
    const auto part = song_part(entry.path);
    return part && part->second.starts_with("versions/");
  };
  auto& entries = source.entries;
  if (std::none_of(entries.begin(), entries.end(), is_song)) return;
  const bool named = fs::is_directory(source.folder / "POP909");
  if (!named && std::none_of(entries.begin(), entries.end(), is_version)) return;
  source.layout = "pop909";
  source.licence = "MIT for the arrangements; the songs are commercial";
  if (const auto count = std::erase_if(entries, is_version); count > 0)
    source.skipped["alternative versions (pop909: NNN/versions)"] += count;
}

}  // namespace

Result<Source> list_source(const fs::path& folder) {
  std::error_code code;
  const fs::file_status status = fs::status(folder, code);
  if (!fs::exists(status)) return Error{ErrorCode::not_found, "no such folder", {}, folder.string()};
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

  CONTINUO_ASSIGN(const auto official, find_official(folder));
  if (official) {
    CONTINUO_TRY(apply_official(*official, source));
  } else {
    recognise_pop909(source);
  }
  std::sort(source.rejects.begin(), source.rejects.end(), by_path);
  return source;
}

}  // namespace continuo::dataset
