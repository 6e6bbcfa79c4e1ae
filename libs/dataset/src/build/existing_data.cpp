#include "build/existing_data.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "continuo/base/file.h"
#include "continuo/corpus/csv.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "pieces/split_assignment.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

// The name that the command line knows a data set's tokenizer by.
std::string tokenizer_name(const nlohmann::json& description) {
  const auto tokenizer = tokens::tokenizer_from_json(description);
  return tokenizer.ok() ? std::string((*tokenizer)->name()) : "an unknown tokenizer";
}

bool is_name(std::string_view tokenizer) {
  const auto names = tokens::tokenizer_names();
  return std::find(names.begin(), names.end(), tokenizer) != names.end();
}

std::string split_of(const BuildDescription& description) {
  const auto shares = shares_of_rule(description.split_rule);
  return shares ? "with --split " + shares->to_string() : "with the official split";
}

// How a data set was built, where a build would differ in that; empty if it would not. The names of the folder and its
// collection do not count, nor does what follows from the rest.
std::string difference(const BuildDescription& had, const BuildDescription& wanted) {
  if (had.transpose_down != wanted.transpose_down || had.transpose_up != wanted.transpose_up)
    return "with another --transpose-down or --transpose-up";
  if (had.filters != wanted.filters) return "with other filters";
  if (had.split_rule != wanted.split_rule) return split_of(had);
  if (had.seed != wanted.seed) return "with --seed " + std::to_string(had.seed);
  if (had.source_fingerprint != wanted.source_fingerprint || had.source_files != wanted.source_files)
    return "from other files";
  return {};
}

}  // namespace

std::optional<ExistingData> ExistingData::find(const fs::path& folder) {
  auto manifest = read_manifest(folder / kManifestName);
  if (!manifest.ok()) return std::nullopt;
  ExistingData existing(folder, *std::move(manifest));
  std::error_code ignored;
  existing.time_ = fs::last_write_time(folder / kManifestName, ignored);
  return existing;
}

Error ExistingData::refusal(std::string_view built) const {
  return {.code = ErrorCode::incompatible,
          .what = "already contains a data set built " + std::string(built) + "; use --replace",
          .path = folder_.string()};
}

Status ExistingData::check_options(const BuildDescription& wanted, std::string_view tokenizer) const {
  const BuildDescription& had = manifest_.description;
  const std::string had_tokenizer = tokenizer_name(had.tokenizer);
  if (is_name(tokenizer) && tokenizer != had_tokenizer) return refusal("with " + had_tokenizer);
  if (const std::string found = difference(had, wanted); !found.empty()) return refusal(found);
  return {};
}

Status ExistingData::check(const BuildDescription& wanted) const {
  const BuildDescription& had = manifest_.description;
  const std::string had_tokenizer = tokenizer_name(had.tokenizer);
  if (tokenizer_name(wanted.tokenizer) != had_tokenizer) return refusal("with " + had_tokenizer);
  if (const std::string found = difference(had, wanted); !found.empty()) return refusal(found);
  const bool same = had.tokenizer == wanted.tokenizer && had.vocabulary_size == wanted.vocabulary_size;
  return same ? Status() : refusal("with another " + had_tokenizer + " tokenizer");
}

Result<BuildReport> ExistingData::report() const {
  BuildReport report;
  report.complete_before = true;
  report.layout = manifest_.description.layout;
  report.licence = manifest_.description.licence;
  report.split_rule = manifest_.description.split_rule;
  report.vocabulary_size = manifest_.description.vocabulary_size;
  report.files = manifest_.description.source_files;
  report.pieces = manifest_.pieces;
  report.tokens = manifest_.tokens;
  report.notes = manifest_.notes;
  report.rejects = manifest_.rejects;
  report.skipped = manifest_.skipped;
  const fs::path path = folder_ / kRejectsName;
  CONTINUO_ASSIGN(const std::string text, read_text_file(path));
  const auto table = corpus::CsvTable::parse(text);
  if (!table.ok()) return table.error().in_file(path.string());
  const auto name = table->column("path"), code = table->column("code"), reason = table->column("reason");
  if (!name || !code || !reason)
    return Error{
        .code = ErrorCode::malformed, .what = "lacks the columns path, code and reason", .path = path.string()};
  for (std::size_t row = 0; row < table->rows(); ++row)
    report.examples.try_emplace(table->at(row, *code), table->at(row, *name) + ": " + table->at(row, *reason));
  for (const auto& [found, count] : report.rejects) report.examples.try_emplace(found);
  return report;
}

}  // namespace continuo::dataset
