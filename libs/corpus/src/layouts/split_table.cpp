#include "layouts/split_table.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/corpus/csv.h"

namespace continuo::corpus {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr std::uint64_t kLimitBytes = std::uint64_t{256} << 20;
constexpr std::string_view kPathColumn = "midi_filename", kSplitColumn = "split";

std::string_view name_of(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

struct Row {
  std::string path;  // relative to the source
  Split split;
};

// The listed files. A collection that was copied elsewhere keeps its files' names, but not their folders; and some
// collections give one name to several files. So an entry takes the row of its path; only then do the others take, in
// order, the rows of their name that are left, and only if all rows of the name have one split, since which of them the
// file is can no longer be known.
class SplitTable {
 public:
  SplitTable(std::string path, std::vector<Row> rows) : path_(std::move(path)), rows_(std::move(rows)) {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      by_path_[rows_[row].path] = row;
      by_name_[name_of(rows_[row].path)].push_back(row);
    }
  }

  // The maps hold views of the rows.
  SplitTable(SplitTable&&) = default;
  SplitTable& operator=(SplitTable&&) = delete;

  std::size_t count_listed(const Source& source) const {
    const auto is_listed = [&](const SourceEntry& entry) { return by_name_.contains(name_of(entry.path)); };
    return static_cast<std::size_t>(std::count_if(source.entries.begin(), source.entries.end(), is_listed));
  }

  void apply(Source& source) const {
    std::vector<bool> taken(rows_.size());
    const auto take_path = [&](const std::string& path) {
      const auto found = by_path_.find(path);
      if (found != by_path_.end()) taken[found->second] = true;
    };
    for (const SourceEntry& entry : source.entries) take_path(entry.path);
    for (const Reject& reject : source.rejects) take_path(reject.path);
    std::vector<SourceEntry> kept;
    for (SourceEntry& entry : source.entries) {
      const auto found = by_path_.find(entry.path);
      std::string fault;
      if (found != by_path_.end()) {
        entry.split = rows_[found->second].split;
      } else {
        fault = take_name(entry, taken);
      }
      if (fault.empty()) {
        kept.push_back(std::move(entry));
      } else {
        source.rejects.push_back({entry.path, ErrorCode::unsupported, fault});
      }
    }
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      if (!taken[row])
        source.rejects.push_back({rows_[row].path, ErrorCode::not_found, "is listed in " + path_ + ", but missing"});
    }
    source.entries = std::move(kept);
    source.official_split = true;
  }

 private:
  // Assigns the split to an entry that is not at its listed place; otherwise returns the reason why it has no split.
  std::string take_name(SourceEntry& entry, std::vector<bool>& taken) const {
    const auto found = by_name_.find(name_of(entry.path));
    if (found == by_name_.end()) return "is not listed in " + path_;
    const auto& rows = found->second;
    const Split split = rows_[rows.front()].split;
    if (std::any_of(rows.begin(), rows.end(), [&](std::size_t row) { return rows_[row].split != split; }))
      return "has a name that " + path_ + " lists in several splits";
    const auto free = std::find_if(rows.begin(), rows.end(), [&](std::size_t row) { return !taken[row]; });
    if (free == rows.end()) return "has the name of another file here, and " + path_ + " lists no second one";
    taken[*free] = true;
    entry.split = split;
    return {};
  }

  std::string path_;  // relative to the source
  std::vector<Row> rows_;
  std::map<std::string_view, std::size_t> by_path_;
  std::map<std::string_view, std::vector<std::size_t>> by_name_;
};

Error malformed(std::string what, std::string where) {
  return {.code = ErrorCode::malformed, .what = std::move(what), .where = std::move(where)};
}

bool has_columns(std::span<const std::string_view> columns, const auto& has) {
  return std::all_of(columns.begin(), columns.end(), has);
}

Error lacks_columns(std::string where) {
  return malformed("lacks the columns midi_filename and split", std::move(where));
}

// What a table gives for a file, before it is checked.
struct RawRow {
  std::string path, split, where;
};

Result<std::vector<RawRow>> rows_of_csv(std::string_view text, std::span<const std::string_view> columns) {
  CONTINUO_ASSIGN(const CsvTable table, CsvTable::parse(text));
  if (!has_columns(columns, [&](std::string_view name) { return table.column(name).has_value(); }))
    return lacks_columns("line 1");
  const std::size_t path = *table.column(kPathColumn), split = *table.column(kSplitColumn);
  std::vector<RawRow> rows;
  for (std::size_t row = 0; row < table.rows(); ++row)
    rows.push_back({table.at(row, path), table.at(row, split), "row " + std::to_string(row + 2)});
  return rows;
}

Result<std::vector<RawRow>> rows_of_json(std::string_view text, std::span<const std::string_view> columns) {
  const json table = json::parse(text, nullptr, false);
  const auto has = [&](std::string_view name) {
    return table.is_object() && table.contains(name) && table[std::string(name)].is_object();
  };
  if (!has_columns(columns, has)) return lacks_columns("byte 0");
  const json& splits = table[std::string(kSplitColumn)];
  std::vector<RawRow> rows;
  for (const auto& [key, path] : table[std::string(kPathColumn)].items()) {
    const auto split = splits.find(key);
    if (!path.is_string() || split == splits.end() || !split->is_string())
      return malformed("lacks a path and its split", "entry " + key);
    rows.push_back({path.get<std::string>(), split->get<std::string>(), "entry " + key});
  }
  return rows;
}

Result<std::vector<Row>> checked(const std::vector<RawRow>& raw, const fs::path& table_folder) {
  std::map<std::string, Split> listed;
  for (const RawRow& row : raw) {
    const auto split = split_from_string(row.split);
    if (!split.ok()) return malformed(split.error().what, row.where);
    const std::string path = (table_folder / row.path).lexically_normal().generic_string();
    if (!listed.emplace(path, *split).second) return malformed(row.path + " is listed twice", row.where);
  }
  std::vector<Row> rows;
  for (auto& [path, split] : listed) rows.push_back({path, split});
  return rows;
}

Result<SplitTable> read_table(const Source& source, const std::string& path, const TableCollection& collection) {
  const fs::path file = source.folder / path;
  CONTINUO_ASSIGN(const std::string text, read_text_file(file, kLimitBytes));
  auto raw = path.ends_with(".csv") ? rows_of_csv(text, collection.columns) : rows_of_json(text, collection.columns);
  if (!raw.ok()) return raw.error().in_file(file.string());
  auto rows = checked(*raw, fs::path(path).parent_path());
  if (!rows.ok()) return rows.error().in_file(file.string());
  return SplitTable(path, *std::move(rows));
}

bool is_in_root(const std::string& path) { return path.find('/') == std::string::npos; }

// Those in the folder itself first, then csv before json, then by name, the newest version first.
std::vector<std::string> tables_in(const Source& source, const TableCollection& collection) {
  std::vector<std::string> tables;
  for (const std::string& path : source.tables)
    if (collection.is_table_name(name_of(path))) tables.push_back(path);
  const auto rank = [](const std::string& path) { return std::tuple(is_in_root(path), path.ends_with(".csv"), path); };
  std::sort(tables.begin(), tables.end(), [&](const auto& a, const auto& b) { return rank(a) > rank(b); });
  return tables;
}

void note_missing_table(const TableCollection& collection, Source& source) {
  const auto& entries = source.entries;
  const auto is_named_so = [&](const SourceEntry& entry) { return collection.is_file_name(name_of(entry.path)); };
  if (entries.empty() || !std::all_of(entries.begin(), entries.end(), is_named_so)) return;
  source.notes.push_back("the files are named as those of " + std::string(collection.title) +
                         "; its official split needs " + std::string(collection.table) + " beside them");
}

}  // namespace

Result<bool> recognise_by_table(const TableCollection& collection, Source& source) {
  bool noted = false;
  for (const std::string& path : tables_in(source, collection)) {
    const auto table = read_table(source, path, collection);
    if (!table.ok() && is_in_root(path) && collection.owns_table_name) return table.error();
    if (!table.ok()) continue;
    const std::size_t listed = table->count_listed(source);
    if (is_in_root(path) || (listed > 0 && listed == source.entries.size())) {
      table->apply(source);
      return true;
    }
    if (listed == 0 || std::exchange(noted, true)) continue;
    source.notes.push_back("of " + std::to_string(source.entries.size()) + " music files " + path + " lists " +
                           std::to_string(listed) + "; the official split of " + std::string(collection.title) +
                           " is used for a folder that holds no other music");
  }
  if (!noted) note_missing_table(collection, source);
  return false;
}

}  // namespace continuo::corpus
