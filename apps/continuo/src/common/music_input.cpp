#include "music_input.h"

#include <cstdio>
#include <memory>

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

Result<std::vector<MusicInput>> folder_inputs(const fs::path& folder) {
  CONTINUO_ASSIGN(auto listed, corpus::list_source(folder));
  const auto source = std::make_shared<const corpus::Source>(std::move(listed));
  std::vector<MusicInput> inputs;
  for (std::size_t i = 0; i < source->entries.size(); ++i) {
    const corpus::SourceEntry& entry = source->entries[i];
    inputs.push_back(entry.part().empty() ? file_input(source->file_of(i), entry.path) : part_input(source, i));
  }
  if (inputs.empty()) return Error{ErrorCode::empty, "there is no music in this folder", {}, folder.string()};
  return inputs;
}

// Copies of a piece transposed by n semitones end in "@+n" or "@-n".
bool is_copy(const std::string& name) {
  const auto at = name.rfind('@');
  return at != std::string::npos && at + 1 < name.size() && (name[at + 1] == '+' || name[at + 1] == '-');
}

Result<std::vector<MusicInput>> dataset_inputs(const std::string& folder, dataset::TokenDataset opened) {
  const auto data = std::make_shared<const dataset::TokenDataset>(std::move(opened));
  CONTINUO_ASSIGN(const auto tokenizer, tokens::tokenizer_from_json(data->tokenizer()));
  std::vector<MusicInput> inputs;
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
      inputs.push_back({.name = name, .relative = pieces.name(i), .read = read});
    }
  }
  return inputs;
}

}  // namespace

std::string music_input_help() {
  return "Music (" + notation::listed(notation::readable_extensions()) +
         "), a folder of it, a data set, or - for standard input";
}

Result<std::vector<MusicInput>> music_inputs(const std::string& argument) {
  if (argument == "-") return std::vector<MusicInput>{standard_input()};
  const fs::path path = argument;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    auto data = dataset::TokenDataset::open(path, {.check_tokens = false});
    if (data.ok()) return dataset_inputs(argument, std::move(*data));
    if (data.error().code != ErrorCode::wrong_format) return data.error();
    return folder_inputs(path);
  }
  if (path.extension() == ".txt") {
    // A list of files; where it names none, perhaps a piece of music in text.
    if (auto listed = folder_inputs(path); listed.ok()) return listed;
  }
  return std::vector<MusicInput>{file_input(path, path.filename())};
}

}  // namespace continuo::app
