#include "layouts.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "continuo/base/file.h"
#include "continuo/dataset/nsynth.h"

#include "csv.h"
#include "jsb_chorales.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kCsvLimitBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kReadmeLimitBytes = std::uint64_t{1} << 20;

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

bool recognise_pop909(Source& source) {
  const auto is_song = [](const SourceEntry& entry) {
    const auto part = song_part(entry.path);
    return part && part->second == part->first + ".mid";
  };
  const auto is_version = [](const SourceEntry& entry) {
    const auto part = song_part(entry.path);
    return part && part->second.starts_with("versions/");
  };
  auto& entries = source.entries;
  if (std::none_of(entries.begin(), entries.end(), is_song)) return false;
  std::error_code ignored;
  const bool named = fs::is_directory(source.folder / "POP909", ignored);
  if (!named && std::none_of(entries.begin(), entries.end(), is_version)) return false;
  source.layout = "pop909";
  source.licence = "MIT for the arrangements; the songs are commercial";
  if (const auto count = std::erase_if(entries, is_version); count > 0)
    source.skipped["alternative versions (pop909: NNN/versions)"] += count;
  return true;
}

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool recognise_jsb(Source& source) {
  std::error_code ignored;
  if (!fs::is_regular_file(source.folder / kJsbFileName, ignored)) return false;
  source.layout = "jsb";
  source.licence = "the music is in the public domain; the files have no licence";
  source.official_split = true;
  if (!source.entries.empty()) source.skipped["files beside the grid of sixteenths (jsb)"] += source.entries.size();
  source.entries.clear();
  for (int i = 0; i < kSplitCount; ++i)
    source.entries.push_back({std::string(kJsbFileName) + "/" + std::string(jsb_split_name(Split(i))), Split(i)});
  const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
  std::sort(source.entries.begin(), source.entries.end(), by_path);
  return true;
}

// Each tune lies there as a whole, as melody, as chords, and twice in a book of ABC.
bool recognise_nottingham(Source& source) {
  const auto is_whole = [](const SourceEntry& entry) {
    return entry.path.starts_with("MIDI/") && entry.path.find('/', 5) == std::string::npos;
  };
  const auto holds = [&](std::string_view folder) {
    return std::any_of(source.entries.begin(), source.entries.end(),
                       [&](const SourceEntry& entry) { return entry.path.starts_with(folder); });
  };
  if (!holds("MIDI/melody/") || !holds("MIDI/chords/")) return false;
  if (std::none_of(source.entries.begin(), source.entries.end(), is_whole)) return false;
  source.layout = "nottingham";
  source.licence = "GPL-3";
  const auto others = std::erase_if(source.entries, [&](const SourceEntry& entry) { return !is_whole(entry); });
  source.skipped["melodies, chords and ABC of the same tunes (nottingham)"] += others;
  return true;
}

// dataset/COMPOSERS/SONG/SONG.mxl; since others may lie like that, its own README.md as well.
bool recognise_openewld(Source& source) {
  const auto readme = read_text_file(source.folder / "README.md", kReadmeLimitBytes);
  if (!readme.ok() || readme->find("OpenEWLD") == std::string::npos) return false;
  const auto is_sheet = [](std::string_view path) { return path.starts_with("dataset/") && path.ends_with(".mxl"); };
  const bool found = std::any_of(source.entries.begin(), source.entries.end(),
                                 [&](const SourceEntry& entry) { return is_sheet(entry.path); }) ||
                     std::any_of(source.rejects.begin(), source.rejects.end(),
                                 [&](const Reject& reject) { return is_sheet(reject.path); });
  if (!found) return false;
  source.layout = "openewld";
  source.licence = "MIT; the scores are in the public domain";
  return true;
}

// HEX/MD5.mid, in the folder or in lmd_full/ below it.
bool recognise_lakh(Source& source) {
  const auto is_named_by_content = [](const SourceEntry& entry) {
    std::string_view path = entry.path;
    if (path.starts_with("lmd_full/")) path.remove_prefix(9);
    return path.size() == 38 && path[1] == '/' && path[0] == path[2] && is_hexadecimal(path.substr(2, 32)) &&
           path.ends_with(".mid");
  };
  const auto& entries = source.entries;
  if (entries.empty() || !std::all_of(entries.begin(), entries.end(), is_named_by_content)) return false;
  source.layout = "lakh";
  source.licence = "CC BY 4.0 for the collection; the rights of the files are not cleared";
  return true;
}

// data/XX/NUMBER_SEGMENT.mid and metadata.json.
bool recognise_aria(Source& source) {
  std::error_code ignored;
  const auto is_segment = [](const SourceEntry& entry) {
    const std::string stem = fs::path(entry.path).stem().string();
    const auto line = stem.find('_');
    return entry.path.starts_with("data/") && line != std::string::npos && line > 0 && line + 1 < stem.size() &&
           stem.find_first_not_of("0123456789_") == std::string::npos;
  };
  const auto& entries = source.entries;
  if (!fs::is_regular_file(source.folder / "metadata.json", ignored)) return false;
  if (entries.empty() || !std::all_of(entries.begin(), entries.end(), is_segment)) return false;
  source.layout = "aria-midi";
  source.licence = "CC BY-NC-SA 4.0";
  return true;
}

// train/training-V1.1-80%/..., validation/validation-V1.1-10%/..., test/testing-V1.1-10%/...
bool recognise_gigamidi(Source& source) {
  const auto split_of = [](std::string_view path) -> std::optional<Split> {
    for (const auto& [part, split] :
         {std::pair("training-V", Split::kTrain), std::pair("validation-V", Split::kValidation),
          std::pair("testing-V", Split::kTest), std::pair("test-V", Split::kTest)})
      if (path.starts_with(part) || path.find("/" + std::string(part)) != std::string_view::npos) return split;
    return std::nullopt;
  };
  auto& entries = source.entries;
  if (entries.empty() || !std::all_of(entries.begin(), entries.end(), [&](const auto& e) { return split_of(e.path); }))
    return false;
  for (SourceEntry& entry : entries) entry.split = split_of(entry.path);
  source.layout = "gigamidi";
  source.licence = "CC BY-NC 4.0";
  source.official_split = true;
  return true;
}

}  // namespace

Status apply_layout(Source& source) {
  CONTINUO_ASSIGN(const auto official, find_official(source.folder));
  if (official) return apply_official(*official, source);
  for (const auto recognise : {recognise_jsb, recognise_pop909, recognise_nottingham, recognise_openewld,
                               recognise_lakh, recognise_aria, recognise_gigamidi})
    if (recognise(source)) return {};
  if (source.entries.empty() && is_nsynth(source.folder)) {
    return Error{ErrorCode::unsupported,
                 "holds recorded notes (NSynth), which make no tokens; `dataset stats` counts them",
                 {},
                 source.folder.string()};
  }
  return {};
}

}  // namespace continuo::dataset
