#include "evaluation_report.h"

#include <algorithm>

#include "continuo/base/text.h"

namespace continuo::app {
namespace {

nlohmann::json json_of(const Nll& sum) {
  return {{"nll", sum.tokens > 0 ? nlohmann::json(sum.mean()) : nullptr}, {"tokens", sum.tokens}};
}

constexpr std::size_t kColumn = 25;  // where values begin

void line(const std::string& label, const std::string& value, cli::Console& console) {
  console.line(label + std::string(kColumn - std::min(kColumn - 1, label.size()), ' ') + value);
}

}  // namespace

nlohmann::json describe(const metrics::Evaluation& evaluation) {
  nlohmann::json result;
  const auto or_null = [](double value) { return value > 0 ? nlohmann::json(value) : nlohmann::json(nullptr); };
  result["nll_nats_per_token"] = evaluation.nll_nats_per_token;
  result["perplexity"] = evaluation.perplexity;
  result["bits_per_note"] = or_null(evaluation.bits_per_note);
  result["nats_per_step"] = or_null(evaluation.nats_per_step);
  result["accuracy"] = evaluation.accuracy;
  result["tokens"] = evaluation.tokens;
  result["pieces"] = evaluation.pieces;
  result["windows"] = evaluation.windows;
  result["context"] = evaluation.context;
  result["stride"] = evaluation.stride;
  result["tokens_per_s"] = evaluation.tokens_per_second;
  result["quarters"] = nlohmann::json::array();
  for (const auto& quarter : evaluation.quarters) result["quarters"].push_back(json_of(quarter));
  result["kinds"] = nlohmann::json::object();
  for (const auto& [kind, sum] : evaluation.kinds) result["kinds"][kind] = json_of(sum);
  return result;
}

void print_evaluation(const metrics::Evaluation& evaluation, const std::string& split, cli::Console& console) {
  line("negative log-likelihood", cli::fixed(evaluation.nll_nats_per_token, 4) + " nats per token", console);
  line("perplexity", cli::fixed(evaluation.perplexity, 2), console);
  if (evaluation.bits_per_note > 0) line("bits per note", cli::fixed(evaluation.bits_per_note, 3), console);
  if (evaluation.nats_per_step > 0) line("nats per time step", cli::fixed(evaluation.nats_per_step, 4), console);
  line("accuracy", cli::fixed(100 * evaluation.accuracy, 2) + " %", console);
  line("over",
       grouped(evaluation.tokens) + " tokens of " + counted(evaluation.pieces, "piece", "pieces") + " (" + split + ")",
       console);
  line("in",
       counted(evaluation.windows, "window", "windows") + " of up to " + grouped(std::uint64_t(evaluation.context)) +
           " tokens, " + grouped(std::uint64_t(evaluation.stride)) + " apart",
       console);
  std::string quarters;
  for (const auto& quarter : evaluation.quarters) {
    quarters +=
        (quarters.empty() ? "" : "  ") + (quarter.tokens > 0 ? cli::fixed(quarter.mean(), 4) : std::string("-"));
  }
  line("by quarter of the window", quarters, console);
  for (const auto& [kind, sum] : evaluation.kinds) {
    line("  " + kind, cli::fixed(sum.mean(), 4) + "  over " + grouped(sum.tokens), console);
  }
}

// The gaps are filled as 'compose infill' is asked to.
void report_gaps(const metrics::GapEvaluation& found, int bars, cli::Console& console) {
  const double before = found.before.mean(), around = found.around.mean();
  console.result()["gaps"] = {{"bars", bars},
                              {"gaps", found.gaps},
                              {"pieces", found.pieces},
                              {"tokens", found.before.tokens},
                              {"nll_after_what_is_before", before},
                              {"nll_between_both", around}};
  line("given what is before", cli::fixed(before, 4) + " nats per token", console);
  line("given both sides",
       cli::fixed(around, 4) + " nats per token, " + cli::fixed(100 * (1 - around / before), 1) + " % less", console);
  line("over",
       grouped(found.before.tokens) + " tokens in " + counted(found.gaps, "gap", "gaps") + " of " +
           counted(std::uint64_t(bars), "bar", "bars") + ", of " + counted(found.pieces, "piece", "pieces"),
       console);
}

}  // namespace continuo::app
