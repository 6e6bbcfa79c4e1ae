#include "music_input.h"

#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "continuo/base/text.h"
#include "continuo/corpus/list_source.h"
#include "continuo/corpus/read_entry.h"
#include "continuo/dataset/dataset.h"
#include "continuo/notation/notation.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::app {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kStandardInputLimit = std::size_t{64} << 20;
constexpr const char* kStandardInput = "standard input";

Result<std::string> read_standard_input() {
  std::string bytes;
  std::vector<char> block(1 << 16);
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), stdin)) {
    bytes.append(block.data(), count);
    if (bytes.size() > kStandardInputLimit) return Error{ErrorCode::too_large, "is larger than 64 MiB", {}, {}};
  }
  if (std::ferror(stdin) != 0) return Error{ErrorCode::io, "cannot be read", {}, {}};
  if (bytes.empty()) return Error{ErrorCode::empty, "is empty", {}, {}};
  return bytes;
}

MusicInput standard_input() {
  const auto read = []() -> Result<notation::MusicFile> {
    const auto bytes = read_standard_input();
    if (!bytes.ok()) return bytes.error().in_file(kStandardInput);
    auto file = notation::read_music(*bytes);
    if (!file.ok()) return file.error().in_file(kStandardInput);
    return file;
  };
  return {.name = kStandardInput, .relative = "stdin", .read = read};
}

MusicInput file_input(const fs::path& path, const fs::path& relative) {
  return {.name = path.string(), .relative = relative, .read = [path] { return notation::read_music_file(path); }};
}

// Of a .txt file that lists no music.
MusicInput text_input(const fs::path& path) {
  const auto read = [path]() -> Result<notation::MusicFile> {
    auto file = notation::read_music_file(path);
    if (file.ok() || file.error().code != ErrorCode::unsupported) return file;
    return Error{
        ErrorCode::wrong_format, "lists no file of music that is there, and is none itself", {}, path.string()};
  };
  return {.name = path.string(), .relative = path.filename(), .read = read};
}

// A part of a file of a collection, which only its layout can read.
MusicInput part_input(const std::shared_ptr<const corpus::Source>& source, std::size_t entry) {
  const std::string name = (source->folder / source->entries[entry].path).string();
  const auto read = [source, entry, name]() -> Result<notation::MusicFile> {
    auto scores = corpus::read_entry(*source, entry);
    if (!scores.ok()) return scores.error().in_file(name);
    notation::MusicFile file;
    file.format = source->layout;
    for (score::Score& score : *scores) file.pieces.push_back({.score = std::move(score), .side_tracks = {}});
    return file;
  };
  return {.name = name, .relative = source->entries[entry].path, .read = read};
}

// "kern/a.krn (and 3 more): is music of a format that cannot be read", a line for each reason.
std::vector<std::string> reject_notes(const corpus::Source& source) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const corpus::Reject& reject : source.rejects) by_reason[reject.reason].push_back(reject.path);
  std::vector<std::string> notes;
  for (const auto& [reason, paths] : by_reason) {
    const std::string more = paths.size() > 1 ? " (and " + grouped(paths.size() - 1) + " more)" : "";
    notes.push_back("left out " + paths[0] + more + ": " + reason);
  }
  for (const auto& [rule, count] : source.skipped) notes.push_back("skipped " + grouped(count) + " " + rule);
  return notes;
}

// "4 files that are not music (.md, .txt)"; empty without any. Collections of a known layout come with their own.
std::string other_files_note(const corpus::Source& source) {
  if (source.layout != "folder") return {};
  std::set<std::string> known, extensions;
  for (const corpus::SourceEntry& entry : source.entries) known.insert(entry.path);
  for (const corpus::Reject& reject : source.rejects) known.insert(reject.path);
  std::size_t count = 0;
  std::error_code code;
  fs::recursive_directory_iterator all(source.folder, fs::directory_options::skip_permission_denied, code);
  for (; !code && all != fs::recursive_directory_iterator(); all.increment(code)) {
    std::error_code ignored;
    const fs::path& path = all->path();
    if (!all->is_regular_file(ignored)) continue;
    if (known.contains(path.lexically_relative(source.folder).generic_string())) continue;
    ++count;
    extensions.insert(path.extension().empty() ? "no extension" : path.extension().string());
  }
  if (count == 0) return {};
  return "left out " + counted(count, "file that is not music", "files that are not music") + " (" +
         joined(extensions) + ")";
}

// A folder or a list.
Result<MusicInputs> collection_inputs(const fs::path& path) {
  CONTINUO_ASSIGN(auto listed, corpus::list_source(path));
  const auto source = std::make_shared<const corpus::Source>(std::move(listed));
  MusicInputs found{.inputs = {}, .is_collection = true, .notes = reject_notes(*source)};
  if (const std::string note = other_files_note(*source); !note.empty()) found.notes.push_back(note);
  if (source->entries.empty()) {
    const std::string reason = found.notes.empty() ? "" : "; " + joined(found.notes, "; ");
    return Error{ErrorCode::empty, "contains no music that can be read" + reason, {}, path.string()};
  }
  for (std::string& note : found.notes) note = path.string() + ": " + note;
  for (std::size_t i = 0; i < source->entries.size(); ++i) {
    const corpus::SourceEntry& entry = source->entries[i];
    found.inputs.push_back(entry.part().empty() ? file_input(source->file_of(i), entry.path) : part_input(source, i));
  }
  return found;
}

// Copies of a piece transposed by n semitones end in "@+n" or "@-n".
bool is_copy(const std::string& name) {
  const auto at = name.rfind('@');
  return at != std::string::npos && at + 1 < name.size() && (name[at + 1] == '+' || name[at + 1] == '-');
}

Result<MusicInputs> dataset_inputs(const std::string& folder, dataset::TokenDataset opened) {
  const auto data = std::make_shared<const dataset::TokenDataset>(std::move(opened));
  CONTINUO_ASSIGN(const auto tokenizer, tokens::tokenizer_from_json(data->tokenizer()));
  MusicInputs found{.inputs = {}, .is_collection = true, .notes = {}};
  for (int s = 0; s < dataset::kSplitCount; ++s) {
    const auto split = static_cast<dataset::Split>(s);
    const auto& pieces = data->split(split);
    for (std::size_t i = 0; i < pieces.pieces(); ++i) {
      if (is_copy(pieces.name(i))) continue;
      const std::string name = folder + " (" + std::string(dataset::to_string(split)) + "): " + pieces.name(i);
      const auto read = [data, tokenizer, split, i, name]() -> Result<notation::MusicFile> {
        const auto piece = data->split(split).piece(i);
        auto score = tokenizer->decode(std::vector<TokenId>(piece.begin(), piece.end()));
        if (!score.ok()) return score.error().in_file(name);
        notation::MusicFile file;
        file.format = "tokens";
        file.pieces.push_back({.score = std::move(*score), .side_tracks = {}});
        return file;
      };
      found.inputs.push_back(
          {.name = name, .relative = pieces.name(i), .split = std::string(dataset::to_string(split)), .read = read});
    }
  }
  return found;
}

Result<MusicInputs> inputs_of(const std::string& argument) {
  if (argument == "-") return MusicInputs{.inputs = {standard_input()}, .is_collection = false, .notes = {}};
  const fs::path path = argument;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    auto data = dataset::TokenDataset::open(path, {.check_tokens = false});
    if (data.ok()) return dataset_inputs(argument, std::move(*data));
    if (data.error().code != ErrorCode::wrong_format) return data.error();
    return collection_inputs(path);
  }
  if (path.extension() == ".txt") {
    // A list of files; where it names none, perhaps a piece of music in text.
    if (auto listed = collection_inputs(path); listed.ok()) return listed;
    if (fs::exists(path, ignored))
      return MusicInputs{.inputs = {text_input(path)}, .is_collection = false, .notes = {}};
  }
  // A folder that is missing looks like a file without an extension.
  if (!path.has_extension() && !fs::exists(path, ignored))
    return Error{ErrorCode::not_found, "there is no such file or folder", {}, argument};
  return MusicInputs{.inputs = {file_input(path, path.filename())}, .is_collection = false, .notes = {}};
}

}  // namespace

std::string music_input_help() {
  return "Music (" + notation::listed(notation::readable_extensions()) +
         "), a folder of it, a .txt file that lists files, a data set, or - for standard input";
}

void keep_split(const std::string& split, std::vector<MusicInput>& inputs) {
  std::erase_if(inputs, [&](const MusicInput& input) { return input.split != split && !input.split.empty(); });
}

Result<MusicInput> one_music_input(const std::string& argument) {
  if (argument == "-") return standard_input();
  const fs::path path = argument;
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    return Error{ErrorCode::invalid_argument, "is a folder; this command takes one piece", {}, argument};
  return file_input(path, path.filename());
}

std::vector<std::string> warn(const std::string& input, const notation::Diagnostics& diagnostics,
                              cli::Console& console) {
  std::vector<std::string> warnings = diagnostics.summary();
  for (const std::string& warning : warnings) console.note("warning: " + input + ": " + warning);
  return warnings;
}

Result<score::Score> read_score(const std::string& argument, notation::Diagnostics* diagnostics) {
  CONTINUO_ASSIGN(const MusicInput input, one_music_input(argument));
  CONTINUO_ASSIGN(notation::MusicFile file, input.read());
  if (diagnostics != nullptr) *diagnostics = file.diagnostics;
  return file.first()->score;
}

Result<notation::Piece> read_piece(const std::string& argument, cli::Console& console) {
  CONTINUO_ASSIGN(const MusicInput input, one_music_input(argument));
  CONTINUO_ASSIGN(const notation::MusicFile file, input.read());
  warn(argument, file.diagnostics, console);
  return *file.first();
}

Result<MusicInputs> music_inputs(std::span<const std::string> arguments) {
  MusicInputs all;
  for (const std::string& argument : arguments) {
    CONTINUO_ASSIGN(auto found, inputs_of(argument));
    std::move(found.inputs.begin(), found.inputs.end(), std::back_inserter(all.inputs));
    std::move(found.notes.begin(), found.notes.end(), std::back_inserter(all.notes));
    all.is_collection |= found.is_collection;
  }
  return all;
}

}  // namespace continuo::app
