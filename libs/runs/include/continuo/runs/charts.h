#pragma once

#include <span>
#include <string_view>

#include "continuo/render/chart.h"
#include "continuo/runs/run.h"

namespace continuo::runs {

// What is on the x axis of a comparison.
enum class Over { kTokens, kMinutes, kSteps };
std::span<const std::string_view> over_names();     // tokens, minutes, steps
Over over_from_string(std::string_view over_name);  // Requires: one of over_names()

// Training loss, averaged to some hundred points, and validation, also of the second and the last quarter, by step.
render::Chart loss_chart(const MetricsLog& metrics);
// One curve of validation for each run that has one.
render::Chart comparison_chart(std::span<const Run> runs, Over over);

}  // namespace continuo::runs
