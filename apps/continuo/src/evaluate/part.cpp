#include "part.h"

#include <string>

#include "continuo/base/checksum.h"
#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/dataset/content_hash.h"
#include "continuo/metrics/evaluation_part.h"

#include "../common/build_report.h"
#include "../common/mixing.h"

namespace continuo::app {
namespace {

Error invalid(const std::string& what) { return Error{ErrorCode::invalid_argument, what, {}, {}}; }

// All that the figures depend on.
Result<nlohmann::json> question_of(const std::filesystem::path& model, const dataset::TokenDataset& data,
                                   const cli::Arguments& arguments) {
  CONTINUO_ASSIGN(std::string weights, sha256_of_file(model));
  CONTINUO_ASSIGN(const auto files, files_to_mix(arguments));
  for (const auto& file : files) {
    CONTINUO_ASSIGN(const std::string more, sha256_of_file(file));
    weights += ' ' + more;
  }
  CONTINUO_ASSIGN(const auto split, dataset::split_from_string(arguments.text("split")));
  return nlohmann::json{{"model", weights},
                        {"tokens", std::to_string(dataset::content_hash(data.split(split)))},
                        {"split", arguments.text("split")},
                        {"precision", arguments.has("precision") ? arguments.text("precision") : ""},
                        {"mask_draws", arguments.integer("mask_draws")},
                        {"seed", arguments.seed()}};
}

}  // namespace

Status read_part(const cli::Arguments& arguments, metrics::EvaluateOptions& options) {
  if (arguments.has("shard") != arguments.has("output")) return invalid("--shard and --output go together");
  if (!arguments.has("shard")) return {};
  if (arguments.given("max_tokens") || arguments.given("gaps"))
    return invalid("--shard is for whole evaluations, without --max-tokens and --gaps");
  CONTINUO_ASSIGN(const Shard shard, read_shard(arguments.text("shard")));
  options.shard_index = std::size_t(shard.index);
  options.shard_count = std::size_t(shard.count);
  return {};
}

Status write_part(const std::filesystem::path& model, const dataset::TokenDataset& data,
                  const metrics::MeasuredPieces& measured, const cli::Arguments& arguments, cli::Console& console) {
  metrics::EvaluationPart part;
  CONTINUO_ASSIGN(part.question, question_of(model, data, arguments));
  CONTINUO_ASSIGN(const Shard shard, read_shard(arguments.text("shard")));
  part.index = std::size_t(shard.index);
  part.count = std::size_t(shard.count);
  part.measured = measured;
  const std::filesystem::path path = arguments.path("output");
  CONTINUO_TRY(write_file(path, metrics::to_text(part)));
  console.line(path.string() + ": " + counted(measured.by_piece.size(), "piece", "pieces") + " of " +
               grouped(measured.pieces_of_split) + "; to join all parts: continuo evaluate merge PART...");
  console.result()["part"] = path.string();
  return {};
}

}  // namespace continuo::app
