#include "continuo/dataset/dataset.h"

#include <system_error>
#include <utility>

#include "shards/manifest.h"
#include "shards/shard_name.h"
#include "shards/token_file.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

Result<Manifest> find_manifest(const fs::path& folder) {
  std::error_code code;
  if (!fs::exists(folder, code)) return Error{ErrorCode::not_found, "no such folder", {}, folder.string()};
  if (fs::exists(folder / kManifestName, code)) return read_manifest(folder / kManifestName);
  for (fs::directory_iterator child(folder, code); !code && child != fs::directory_iterator(); child.increment(code)) {
    if (!shard_of_name(child->path().filename().string())) continue;
    return Error{ErrorCode::incompatible,
                 "holds shards; `continuo dataset merge` makes a data set of them",
                 {},
                 folder.string()};
  }
  if (code) return Error{ErrorCode::io, "cannot be listed (" + code.message() + ")", {}, folder.string()};
  return Error{ErrorCode::wrong_format, "is not a data set (no manifest.json)", {}, folder.string()};
}

Result<TokenFile> read_split(const fs::path& folder, const Manifest& manifest, Split split, bool check_tokens) {
  const fs::path path = folder / tokens_name(split);
  CONTINUO_ASSIGN(TokenFile file, read_token_file(path, check_tokens));
  const bool agrees = file.pieces.size() == manifest.pieces[std::size_t(split)] &&
                      file.tokens == manifest.tokens[std::size_t(split)] &&
                      int(file.vocabulary_size) == manifest.description.vocabulary_size;
  if (agrees) return file;
  return Error{ErrorCode::incompatible, "does not belong to the data set's manifest", {}, path.string()};
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
  CONTINUO_ASSIGN(const Manifest manifest, find_manifest(folder));
  TokenDataset dataset;
  dataset.name_ = manifest.description.name;
  dataset.licence_ = manifest.description.licence;
  dataset.split_rule_ = manifest.description.split_rule;
  dataset.source_fingerprint_ = manifest.description.source_fingerprint;
  dataset.tokenizer_ = manifest.description.tokenizer;
  dataset.vocabulary_size_ = manifest.description.vocabulary_size;
  for (int i = 0; i < kSplitCount; ++i) {
    CONTINUO_ASSIGN(TokenFile file, read_split(folder, manifest, Split(i), options.check_tokens));
    TokenSequences& split = dataset.splits_[i];
    split.pieces_ = std::move(file.pieces);
    split.names_ = std::move(file.names);
    split.owners_.push_back(file.file);
    split.tokens_ = file.tokens;
  }
  return dataset;
}

}  // namespace continuo::dataset
