#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/cli/console.h"
#include "continuo/metrics/evaluation_part.h"

#include "../commands.h"
#include "evaluation_report.h"

namespace continuo::app {
namespace {

constexpr std::uint64_t kLimitBytes = std::uint64_t{1} << 30;

Result<metrics::EvaluationPart> read_part_file(const std::string& path) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(path, kLimitBytes));
  auto part = metrics::evaluation_part_of(text);
  if (!part.ok()) return part.error().in_file(path);
  return part;
}

Status merge(const cli::Arguments& arguments, cli::Console& console) {
  std::vector<metrics::EvaluationPart> parts;
  for (const std::string& path : arguments.positionals()) {
    CONTINUO_ASSIGN(auto part, read_part_file(path));
    parts.push_back(std::move(part));
  }
  const auto whole = metrics::merge_parts(parts);
  if (!whole.ok()) return whole.error().in_file(arguments.positionals().front());
  const metrics::Evaluation evaluation = metrics::evaluation_of(whole->measured);
  const std::string split = whole->question.value("split", "");
  console.result() = {{"split", split}};
  console.result().update(describe(evaluation));
  print_evaluation(evaluation, split, console);
  return {};
}

}  // namespace

cli::Command evaluate_merge_command() {
  return {{.name = "evaluate merge",
           .summary = "Join the parts of an evaluation",
           .description = "Takes all parts that 'evaluate --shard i/n' has measured of one model on one split, and "
                          "prints the figures, to the last digit those of one evaluation without --shard.",
           .positionals = {{"PART", "Files of 'evaluate --shard'", true}},
           .examples = {"continuo evaluate merge part-*.json"}},
          merge,
          {}};
}

}  // namespace continuo::app
