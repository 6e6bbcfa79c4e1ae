#include "continuo/dataset/dataset.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "manifest.h"
#include "token_file.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

// The manifests of all shards, in their order.
Result<std::vector<Manifest>> read_manifests(const fs::path& folder) {
  std::error_code code;
  if (!fs::exists(folder, code)) return Error{ErrorCode::not_found, "no such folder", {}, folder.string()};
  std::set<std::string> names;
  for (fs::directory_iterator child(folder, code); !code && child != fs::directory_iterator(); child.increment(code)) {
    const std::string name = child->path().filename().string();
    if (is_manifest(name)) names.insert(name);
  }
  if (code) return Error{ErrorCode::io, "cannot be listed (" + code.message() + ")", {}, folder.string()};
  if (names.empty()) return Error{ErrorCode::wrong_format, "is not a data set (no manifest.json)", {}, folder.string()};
  std::vector<Manifest> manifests;
  for (const std::string& name : names) {
    CONTINUO_ASSIGN(Manifest manifest, read_manifest(folder / name));
    if (name != manifest_name(manifest.shard_index, manifest.shard_count))
      return Error{ErrorCode::malformed, "is the manifest of another shard", {}, (folder / name).string()};
    manifests.push_back(std::move(manifest));
  }
  return manifests;
}

Status check_complete(const std::vector<Manifest>& manifests, const fs::path& folder) {
  const Manifest& first = manifests.front();
  std::set<int> present;
  for (const Manifest& manifest : manifests) {
    present.insert(manifest.shard_index);
    if (manifest.same_build(first)) continue;
    return Error{ErrorCode::incompatible,
                 "holds shards of different builds: " + manifest_name(first.shard_index, first.shard_count) + " and " +
                     manifest_name(manifest.shard_index, manifest.shard_count),
                 {},
                 folder.string()};
  }
  if (int(present.size()) == first.shard_count) return {};
  constexpr int kMostNamed = 8;
  std::string missing;
  int named = 0;
  for (int i = 0; i < first.shard_count && named < kMostNamed; ++i) {
    if (present.contains(i)) continue;
    missing += (named++ ? ", " : "") + std::to_string(i);
  }
  const int count = first.shard_count - int(present.size());
  if (count > named) missing += " ...";
  return Error{ErrorCode::incompatible,
               "lacks " + std::to_string(count) + " of " + std::to_string(first.shard_count) + " shards: " + missing,
               {},
               folder.string()};
}

Result<TokenFile> read_shard(const fs::path& folder, const Manifest& manifest, Split split, bool check_tokens) {
  const fs::path path = folder / tokens_name(split, manifest.shard_index, manifest.shard_count);
  CONTINUO_ASSIGN(TokenFile file, read_token_file(path, check_tokens));
  const bool agrees = file.pieces.size() == manifest.pieces[std::size_t(split)] &&
                      file.tokens == manifest.tokens[std::size_t(split)] &&
                      int(file.vocabulary_size) == manifest.vocabulary_size;
  if (!agrees) {
    return Error{ErrorCode::incompatible,
                 "does not belong to " + manifest_name(manifest.shard_index, manifest.shard_count),
                 {},
                 path.string()};
  }
  return file;
}

}  // namespace

TokenSequences TokenSequences::in_memory(std::vector<std::vector<std::uint16_t>> pieces,
                                         std::vector<std::string> names) {
  const auto held = std::make_shared<const std::vector<std::vector<std::uint16_t>>>(std::move(pieces));
  TokenSequences sequences;
  for (const auto& piece : *held) {
    sequences.pieces_.emplace_back(piece);
    sequences.tokens_ += piece.size();
  }
  sequences.names_ = std::move(names);
  sequences.owners_.push_back(held);
  return sequences;
}

Result<TokenDataset> TokenDataset::open(const fs::path& folder, OpenOptions options) {
  CONTINUO_ASSIGN(const auto manifests, read_manifests(folder));
  CONTINUO_TRY(check_complete(manifests, folder));
  TokenDataset dataset;
  const Manifest& first = manifests.front();
  dataset.name_ = first.name;
  dataset.licence_ = first.licence;
  dataset.split_rule_ = first.split_rule;
  dataset.tokenizer_ = first.tokenizer;
  dataset.vocabulary_size_ = first.vocabulary_size;
  for (int i = 0; i < kSplitCount; ++i) {
    std::vector<TokenFile> files;
    for (const Manifest& manifest : manifests) {
      CONTINUO_ASSIGN(TokenFile file, read_shard(folder, manifest, Split(i), options.check_tokens));
      files.push_back(std::move(file));
    }
    dataset.splits_[i] = merge(std::move(files));
  }
  return dataset;
}

// Pieces in the order of the source's files, so that shards are the same data set as one piece of work.
TokenSequences TokenDataset::merge(std::vector<TokenFile> files) {
  struct Place {
    std::uint32_t file_index;
    std::size_t shard, piece;
  };
  std::vector<Place> order;
  TokenSequences merged;
  for (std::size_t shard = 0; shard < files.size(); ++shard) {
    for (std::size_t piece = 0; piece < files[shard].pieces.size(); ++piece)
      order.push_back({files[shard].file_indices[piece], shard, piece});
    merged.owners_.push_back(files[shard].file);
    merged.tokens_ += files[shard].tokens;
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Place& a, const Place& b) { return a.file_index < b.file_index; });
  for (const Place& place : order) {
    merged.pieces_.push_back(files[place.shard].pieces[place.piece]);
    merged.names_.push_back(std::move(files[place.shard].names[place.piece]));
  }
  return merged;
}

}  // namespace continuo::dataset
