#include "continuo/runs/run.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include <toml++/toml.h>

#include "continuo/base/file.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/runs/run_files.h"

namespace continuo::runs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kConfigLimit = std::uint64_t{1} << 20;

// A value as people write it on a command line; nothing of a table or a list.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* real = node.as_floating_point()) {
    std::ostringstream text;
    text << real->get();
    return text.str();
  }
  return std::nullopt;
}

// Any key is taken: options of other versions differ.
Result<std::map<std::string, std::string>> read_options(const fs::path& file) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(file, kConfigLimit));
  std::map<std::string, std::string> options;
  try {
    const toml::table table = toml::parse(text);
    for (const auto& [key, node] : table) {
      if (auto value = text_of(node)) options.emplace(key.str(), *std::move(value));
    }
  } catch (const toml::parse_error& error) {
    return Error{ErrorCode::malformed, std::string(error.description()),
                 "line " + std::to_string(error.source().begin.line), file.string()};
  }
  if (!options.contains("model")) return Error{ErrorCode::malformed, "not the options of a run", {}, file.string()};
  return options;
}

// Empty where there is none.
std::string text_member(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What only a model file has: the names and sizes of things. A run before its first save has none.
void read_model(Run& run) {
  for (const char* name : {kBestFile, kLastFile}) {
    const auto model = checkpoint::Checkpoint::open(run.folder / name);
    if (!model.ok()) continue;
    run.parameters = checkpoint::parameter_count(model->model);
    run.tokenizer = text_member(model->tokenizer, "name");
    run.tokenizer_json = model->tokenizer.is_object() ? model->tokenizer.dump() : std::string();
    if (!model->provenance.data_set.empty()) run.data = model->provenance.data_set;
    return;
  }
}

bool is_run(const fs::path& folder) {
  std::error_code ignored;
  const int marks = int(fs::is_regular_file(folder / kConfigFile, ignored)) +
                    int(fs::is_regular_file(folder / kMetricsFile, ignored)) +
                    int(fs::is_directory(folder / kSamplesFolder, ignored));
  return marks >= 2;
}

// The folder and those below it, as far as they can be read.
std::vector<fs::path> folders_below(const fs::path& top, std::vector<Error>& broken) {
  std::vector<fs::path> folders = {top};
  std::error_code error;
  fs::recursive_directory_iterator at(top, fs::directory_options::skip_permission_denied, error);
  while (!error && at != fs::recursive_directory_iterator()) {
    std::error_code ignored;
    if (at->is_directory(ignored) && !at->is_symlink(ignored)) folders.push_back(at->path());
    at.increment(error);
  }
  if (error) broken.push_back({ErrorCode::io, "cannot be read: " + error.message(), {}, top.string()});
  std::ranges::sort(folders);
  return folders;
}

}  // namespace

std::string Run::option(std::string_view name) const {
  const auto found = options.find(std::string(name));
  return found == options.end() ? std::string() : found->second;
}

const MetricsRow* Run::best() const {
  const MetricsRow* best = nullptr;
  for (const MetricsRow& row : metrics.rows()) {
    if (row.validation_nll && (best == nullptr || *row.validation_nll < *best->validation_nll)) best = &row;
  }
  return best;
}

Result<Run> read_run(const fs::path& folder) {
  Run run;
  run.folder = folder;
  CONTINUO_ASSIGN(run.options, read_options(folder / kConfigFile));
  const fs::path metrics = folder / kMetricsFile;
  CONTINUO_ASSIGN(run.metrics, MetricsLog::read(metrics, std::numeric_limits<std::int64_t>::max()));
  if (run.metrics.rows().empty()) return Error{ErrorCode::empty, "no steps yet", {}, metrics.string()};
  run.data = fs::path(run.option("data")).filename().string();
  read_model(run);
  return run;
}

Result<FoundRuns> find_runs(std::span<const fs::path> folders) {
  FoundRuns found;
  std::set<fs::path> seen;  // folders may be given twice, or lie in one another
  for (const fs::path& top : folders) {
    std::error_code ignored;
    if (!fs::is_directory(top, ignored)) return Error{ErrorCode::not_found, "no such folder", {}, top.string()};
    for (const fs::path& folder : folders_below(top, found.broken)) {
      if (!is_run(folder) || !seen.insert(fs::weakly_canonical(folder, ignored)).second) continue;
      auto run = read_run(folder);
      if (run.ok()) {
        found.runs.push_back(std::move(*run));
      } else {
        found.broken.push_back(run.error());
      }
    }
  }
  return found;
}

std::vector<std::string> differing_options(std::span<const Run> runs) {
  static const std::set<std::string> kElsewhere = {"data", "output", "model", "size"};
  std::set<std::string> names;
  for (const Run& run : runs) {
    for (const auto& [name, value] : run.options) names.insert(name);
  }
  std::vector<std::string> differing;
  for (const std::string& name : names) {
    // A run of an earlier version lacks options that came later, and says nothing of them.
    const bool is_known = std::ranges::all_of(runs, [&](const Run& run) { return run.options.contains(name); });
    const bool same = is_known && std::ranges::all_of(runs, [&](const Run& run) {
                        return run.options.at(name) == runs.front().options.at(name);
                      });
    if (is_known && !same && !kElsewhere.contains(name)) differing.push_back(name);
  }
  return differing;
}

bool tokenizers_differ(std::span<const Run> runs) {
  std::set<std::string_view> known;
  for (const Run& run : runs)
    if (!run.tokenizer_json.empty()) known.insert(run.tokenizer_json);
  return known.size() > 1;
}

}  // namespace continuo::runs
