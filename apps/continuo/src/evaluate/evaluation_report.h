#pragma once

#include <string>

#include "continuo/cli/console.h"
#include "continuo/metrics/evaluate.h"
#include "continuo/metrics/evaluate_gaps.h"

namespace continuo::app {

// All numbers of an evaluation; null where a tokenizer or a model has none.
nlohmann::json describe(const metrics::Evaluation& evaluation);
// The same as lines for people.
void print_evaluation(const metrics::Evaluation& evaluation, const std::string& split, cli::Console& console);

// What gaps of so many bars cost, as lines and as the result's "gaps".
void report_gaps(const metrics::GapEvaluation& found, int bars, cli::Console& console);

}  // namespace continuo::app
