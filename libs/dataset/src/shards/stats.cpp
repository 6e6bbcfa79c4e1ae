#include "continuo/dataset/stats.h"

#include <string>
#include <system_error>
#include <utility>

#include "continuo/corpus/list_source.h"
#include "continuo/dataset/dataset.h"
#include "continuo/tokens/registry.h"

#include "shards/copy_name.h"
#include "shards/manifest.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

Result<corpus::CollectionStats> stats_of_dataset(const TokenDataset& dataset, const Manifest& manifest,
                                                 corpus::OrderedRun& run) {
  CONTINUO_ASSIGN(const auto tokenizer, tokens::tokenizer_from_json(dataset.tokenizer()));
  corpus::CollectionStats stats{dataset.name(),  manifest.description.layout, dataset.licence(), {}, manifest.rejects,
                                manifest.skipped};
  for (int i = 0; i < kSplitCount; ++i) run.add_to_total(dataset.split(Split(i)).pieces());
  for (int i = 0; i < kSplitCount; ++i) {
    const TokenSequences& pieces = dataset.split(Split(i));
    corpus::MusicStats& part = stats.parts[std::string(to_string(Split(i)))];
    part.tokens = pieces.tokens();
    CONTINUO_TRY(run.run<corpus::MusicStats>(
        pieces.pieces(), "decoding",
        [&](std::size_t piece) {
          corpus::MusicStats own;
          if (original_of_copy(pieces.name(piece))) return own;
          const auto tokens = pieces.piece(piece);
          const auto score = tokenizer->decode(std::vector<TokenId>(tokens.begin(), tokens.end()));
          if (score.ok()) own.add(*score);
          own.unusable += !score.ok();
          return own;
        },
        [&](std::size_t, corpus::MusicStats&& own) {
          part.add(own);
          return Status();
        }));
  }
  return stats;
}

// A folder in which no music can be read.
Error nothing_to_count(const corpus::Source& source) {
  std::string what = "contains no music file";
  if (!source.rejects.empty()) {
    what += " that can be read; " + std::to_string(source.rejects.size()) + " cannot, such as " +
            source.rejects.front().path + ": " + source.rejects.front().reason;
  }
  return {.code = ErrorCode::empty, .what = std::move(what), .path = source.folder.string()};
}

}  // namespace

Result<corpus::CollectionStats> collect_stats(const fs::path& path, ThreadPool& threads, Progress& progress) {
  corpus::OrderedRun run(threads, progress);
  std::error_code ignored;
  if (fs::exists(path / kManifestName, ignored)) {
    CONTINUO_ASSIGN(const Manifest manifest, read_manifest(path / kManifestName));
    CONTINUO_ASSIGN(const TokenDataset dataset, TokenDataset::open(path));
    return stats_of_dataset(dataset, manifest, run);
  }
  CONTINUO_ASSIGN(const corpus::Source source, corpus::list_source(path));
  if (source.entries.empty()) return nothing_to_count(source);
  return corpus::collect_stats(source, run);
}

}  // namespace continuo::dataset
