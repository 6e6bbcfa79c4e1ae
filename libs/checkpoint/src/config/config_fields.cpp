#include "config/config_fields.h"

#include <nlohmann/json.hpp>

#include "parts/part_tables.h"
#include "presets/preset_rows.h"

namespace continuo::checkpoint {
namespace {

using Json = nlohmann::json;
using Problem = std::string (*)(const ModelConfig&);

template <auto kMember>
bool has_default(const ModelConfig& config) {
  return config.*kMember == ModelConfig{}.*kMember;
}

// A number, a truth value or text.
template <auto kMember>
constexpr ConfigField plain(std::string_view key, Presence presence, std::optional<Family> family, Problem problem) {
  return {
      key,
      presence,
      family,
      [](json::FieldReader& fields, std::string_view name, ModelConfig& config) { fields.read(name, config.*kMember); },
      [](json::FieldReader& fields, std::string_view name, ModelConfig& config) {
        fields.read_if_present(name, config.*kMember);
      },
      [](const ModelConfig& config) { return Json(config.*kMember); },
      has_default<kMember>,
      problem};
}

template <const auto& kRows>
constexpr auto kNamesOf = names_of(kRows);

// A part with a table of names.
template <auto kMember, const auto& kRows>
constexpr ConfigField part(std::string_view key, Presence presence, std::optional<Family> family, Problem problem) {
  return {key,
          presence,
          family,
          [](json::FieldReader& fields, std::string_view name, ModelConfig& config) {
            fields.read(name, kNamesOf<kRows>, config.*kMember);
          },
          [](json::FieldReader& fields, std::string_view name, ModelConfig& config) {
            fields.read_if_present(name, kNamesOf<kRows>, config.*kMember);
          },
          [](const ModelConfig& config) { return Json(row_of(kRows, config.*kMember).name); },
          has_default<kMember>,
          problem};
}

std::string out_of_range(int value, int low, int high) {
  if (value >= low && value <= high) return {};
  return "is " + std::to_string(value) + ", not " + std::to_string(low) + " to " + std::to_string(high);
}

template <auto kMember, int kLow, int kHigh>
std::string range_problem(const ModelConfig& config) {
  return out_of_range(config.*kMember, kLow, kHigh);
}

std::string preset_problem(const ModelConfig& config) {
  return find_row(kPresets, config.preset) == nullptr ? "is no model's name" : "";
}

std::string family_problem(const ModelConfig& config) {
  return find_row(kPresets, config.preset)->parts.family == config.family ? "" : "does not belong to the preset";
}

std::string heads_problem(const ModelConfig& config) {
  if (!config.has_attention()) return {};
  if (std::string problem = out_of_range(config.n_heads, 1, config.d_model); !problem.empty()) return problem;
  return config.d_model % config.n_heads == 0 ? "" : "does not divide d_model";
}

std::string kv_heads_problem(const ModelConfig& config) {
  if (config.family == Family::kRecurrent) return {};
  if (std::string problem = out_of_range(config.n_kv_heads, 0, config.n_heads); !problem.empty()) return problem;
  return config.n_heads % config.kv_heads() == 0 ? "" : "does not divide n_heads";
}

std::string d_ff_problem(const ModelConfig& config) {
  return config.family == Family::kRecurrent ? "" : out_of_range(config.d_ff, 1, 1 << 16);
}

std::string positions_problem(const ModelConfig& config) {
  const bool odd = config.family == Family::kTransformer && config.head_width() % 2 != 0;
  return config.positions == Positions::kRotary && odd ? "are rotary, which takes heads of an even width" : "";
}

std::string memory_length_problem(const ModelConfig& config) {
  if (std::string problem = out_of_range(config.memory_length, 0, 1 << 20); !problem.empty()) return problem;
  if (config.memory_length == 0) return {};
  if (config.masking != Masking::kCausal) return "is of causal models only";
  return config.positions == Positions::kLearned ? "needs positions that are relative or rotary" : "";
}

std::string norm_epsilon_problem(const ModelConfig& config) {
  return config.norm_epsilon > 0 && config.norm_epsilon <= 0.1 ? "" : "is not within 0 to 0.1";
}

std::string dropout_problem(const ModelConfig& config) {
  return config.dropout >= 0 && config.dropout < 1 ? "" : "is not within 0 to 1";
}

using M = ModelConfig;
constexpr auto kAlways = Presence::kAlways, kUnlessDefault = Presence::kUnlessDefault;
constexpr std::optional<Family> kAnyFamily;
constexpr auto kRecurrent = Family::kRecurrent, kTransformer = Family::kTransformer;

constexpr ConfigField kFields[] = {
    plain<&M::preset>("preset", kAlways, kAnyFamily, preset_problem),
    part<&M::family, kFamilies>("family", kAlways, kAnyFamily, family_problem),
    plain<&M::vocab_size>("vocab_size", kAlways, kAnyFamily, range_problem<&M::vocab_size, 1, 1 << 20>),
    plain<&M::d_model>("d_model", kAlways, kAnyFamily, range_problem<&M::d_model, 1, 1 << 14>),
    plain<&M::n_layers>("n_layers", kAlways, kAnyFamily, range_problem<&M::n_layers, 1, 256>),
    plain<&M::attention_window>("attention_window", kUnlessDefault, kRecurrent,
                                range_problem<&M::attention_window, 0, 1 << 16>),
    plain<&M::n_heads>("n_heads", kAlways, kAnyFamily, heads_problem),
    plain<&M::n_kv_heads>("n_kv_heads", kUnlessDefault, kTransformer, kv_heads_problem),
    plain<&M::d_ff>("d_ff", kAlways, kAnyFamily, d_ff_problem),
    plain<&M::context_length>("context_length", kAlways, kAnyFamily, range_problem<&M::context_length, 1, 1 << 20>),
    plain<&M::memory_length>("memory_length", kUnlessDefault, kTransformer, memory_length_problem),
    part<&M::norm, kNorms>("norm", kUnlessDefault, kTransformer, nullptr),
    part<&M::norm_placement, kPlacements>("norm_placement", kAlways, kAnyFamily, nullptr),
    part<&M::masking, kMaskings>("masking", kAlways, kTransformer, nullptr),
    part<&M::feed_forward, kFeedForwards>("activation", kAlways, kAnyFamily, nullptr),
    part<&M::positions, kPositions>("positions", kUnlessDefault, kTransformer, positions_problem),
    plain<&M::qk_norm>("qk_norm", kUnlessDefault, kTransformer, nullptr),
    part<&M::cell, kCells>("cell", kUnlessDefault, kRecurrent, nullptr),
    plain<&M::places>("places", kUnlessDefault, kAnyFamily, range_problem<&M::places, 0, 1 << 16>),
    plain<&M::slots>("slots", kUnlessDefault, kAnyFamily, range_problem<&M::slots, 0, 1 << 16>),
    plain<&M::bias>("bias", kUnlessDefault, kTransformer, nullptr),
    plain<&M::tied_output>("tied_output", kAlways, kAnyFamily, nullptr),
    plain<&M::norm_epsilon>("norm_epsilon", kAlways, kAnyFamily, norm_epsilon_problem),
    plain<&M::dropout>("dropout", kAlways, kAnyFamily, dropout_problem),
};

}  // namespace

std::span<const ConfigField> config_fields() { return kFields; }

}  // namespace continuo::checkpoint
