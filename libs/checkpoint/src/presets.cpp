#include <algorithm>
#include <array>
#include <string>

#include "continuo/base/text.h"
#include "continuo/checkpoint/model_config.h"

namespace continuo::checkpoint {
namespace {

struct Preset {
  std::string_view name;
  std::string_view summary;
  Family family;
  NormPlacement norm_placement;
  Masking masking;
  Activation activation;
};

struct Size {
  std::string_view name;
  int lstm_layers, lstm_units, lstm_window;
  int layers, width, heads, context;
};

// Source: gpt: Radford et al. 2018 (learned positions, LayerNorm after each residual sum, GELU by its tanh
// form); gpt2: Radford et al. 2019 (LayerNorm before each sublayer and at the end); bert: Devlin et al. 2019
// (exact GELU). Where we differ: gpt normalises the embeddings' sum too, as bert did; bert is pre-norm, without which
// it does not leave the frequencies of words in the time that a CPU has (docs/adr/0004).
constexpr Preset kPresets[] = {
    {"lstm", "stacked LSTM: small, quick to learn, no limit to its memory's length", Family::kLstm, NormPlacement::kPre,
     Masking::kCausal, Activation::kGeluTanh},
    {"gpt", "post-norm Transformer decoder, as in GPT-1", Family::kTransformer, NormPlacement::kPost, Masking::kCausal,
     Activation::kGeluTanh},
    {"gpt2", "pre-norm Transformer decoder, as in GPT-2: the usual choice", Family::kTransformer, NormPlacement::kPre,
     Masking::kCausal, Activation::kGeluTanh},
    {"bert", "bidirectional Transformer: fills masked places, rewrites bars", Family::kTransformer, NormPlacement::kPre,
     Masking::kBidirectional, Activation::kGelu},
};

constexpr Size kSizes[] = {
    {"tiny", 1, 128, 256, 2, 128, 4, 256},
    {"small", 2, 256, 512, 4, 256, 4, 512},
    {"base", 2, 512, 512, 6, 512, 8, 1024},
};

template <typename Row, std::size_t kCount>
constexpr std::array<std::string_view, kCount> names_of(const Row (&rows)[kCount]) {
  std::array<std::string_view, kCount> names;
  for (std::size_t i = 0; i < kCount; ++i) names[i] = rows[i].name;
  return names;
}

constexpr auto kModelNames = names_of(kPresets);
constexpr auto kSizeNames = names_of(kSizes);

// Null where no row has this name.
template <typename Row, std::size_t kCount>
const Row* find(const Row (&rows)[kCount], std::string_view name) {
  const Row* row = std::find_if(rows, rows + kCount, [&](const Row& r) { return r.name == name; });
  return row == rows + kCount ? nullptr : row;
}

Error unknown(const std::string& kind, std::string_view name, std::span<const std::string_view> known) {
  return {ErrorCode::unsupported, "unknown " + kind + " '" + std::string(name) + "' (known: " + joined(known) + ")"};
}

}  // namespace

std::span<const std::string_view> model_names() { return kModelNames; }
std::span<const std::string_view> size_names() { return kSizeNames; }

std::string_view model_summary(std::string_view name) {
  const Preset* preset = find(kPresets, name);
  return preset == nullptr ? std::string_view{} : preset->summary;
}

std::optional<Family> family_of(std::string_view name) {
  const Preset* preset = find(kPresets, name);
  return preset == nullptr ? std::nullopt : std::optional(preset->family);
}

Result<ModelConfig> preset_config(std::string_view name, std::string_view size) {
  const Preset* preset = find(kPresets, name);
  if (preset == nullptr) return unknown("model", name, kModelNames);
  const Size* scale = find(kSizes, size);
  if (scale == nullptr) return unknown("size", size, kSizeNames);
  const bool lstm = preset->family == Family::kLstm;
  ModelConfig config;
  config.preset = name;
  config.family = preset->family;
  config.norm_placement = preset->norm_placement;
  config.masking = preset->masking;
  config.activation = preset->activation;
  config.d_model = lstm ? scale->lstm_units : scale->width;
  config.n_layers = lstm ? scale->lstm_layers : scale->layers;
  config.n_heads = lstm ? 1 : scale->heads;
  config.d_ff = 4 * config.d_model;
  config.context_length = lstm ? scale->lstm_window : scale->context;
  return config;
}

}  // namespace continuo::checkpoint
