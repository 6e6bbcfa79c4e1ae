#include "continuo/checkpoint/presets.h"

#include <array>
#include <string>

#include "continuo/base/text.h"

#include "presets/preset_rows.h"

namespace continuo::checkpoint {
namespace {

struct Size {
  std::string_view name;
  int recurrent_layers, recurrent_units, recurrent_window;
  int layers, width, heads, context;
};

constexpr Size kSizes[] = {
    {"tiny", 1, 128, 256, 2, 128, 4, 256},
    {"small", 2, 256, 512, 4, 256, 4, 512},
    {"base", 2, 512, 512, 6, 512, 8, 1024},
};

template <typename Row, std::size_t kCount>
constexpr std::array<std::string_view, kCount> names_in(const Row (&rows)[kCount]) {
  std::array<std::string_view, kCount> names;
  for (std::size_t i = 0; i < kCount; ++i) names[i] = rows[i].name;
  return names;
}

constexpr auto kModelNames = names_in(kPresets);
constexpr auto kSizeNames = names_in(kSizes);

Error unknown(const std::string& kind, std::string_view name, std::span<const std::string_view> known) {
  return {ErrorCode::unsupported, "unknown " + kind + " '" + std::string(name) + "' (known: " + joined(known) + ")"};
}

void set_shape(const PresetRow& preset, const Size& size, ModelConfig& config) {
  switch (preset.parts.family) {
    case Family::kRecurrent:
      config.d_model = size.recurrent_units;
      config.n_layers = size.recurrent_layers;
      config.n_heads = 1;
      config.context_length = size.recurrent_window;
      break;
    case Family::kTransformer:
      config.d_model = size.width;
      config.n_layers = size.layers;
      config.n_heads = size.heads;
      config.context_length = size.context;
      if (preset.heads_per_kv_head > 1) config.n_kv_heads = size.heads / preset.heads_per_kv_head;
      break;
  }
  config.d_ff = usual_d_ff(config.feed_forward, config.d_model);
}

}  // namespace

std::span<const std::string_view> model_names() { return kModelNames; }
std::span<const std::string_view> size_names() { return kSizeNames; }

std::string_view model_summary(std::string_view name) {
  const PresetRow* preset = find_row(kPresets, name);
  return preset == nullptr ? std::string_view{} : preset->summary;
}

std::optional<Family> family_of(std::string_view name) {
  const PresetRow* preset = find_row(kPresets, name);
  return preset == nullptr ? std::nullopt : std::optional(preset->parts.family);
}

int usual_d_ff(FeedForwardKind kind, int d_model) {
  constexpr int kMultiple = 32;
  if (!traits_of(kind).gated) return 4 * d_model;
  return (8 * d_model + 3 * kMultiple - 1) / (3 * kMultiple) * kMultiple;
}

Result<ModelConfig> preset_config(std::string_view name, std::string_view size) {
  const PresetRow* preset = find_row(kPresets, name);
  if (preset == nullptr) return unknown("model", name, kModelNames);
  const Size* shape = find_row(kSizes, size);
  if (shape == nullptr) return unknown("size", size, kSizeNames);
  ModelConfig config{preset->parts};
  config.preset = preset->name;
  set_shape(*preset, *shape, config);
  return config;
}

ModelConfig changed(ModelConfig config, const ShapeChanges& changes) {
  if (changes.context_length > 0) config.context_length = changes.context_length;
  if (changes.n_layers > 0) config.n_layers = changes.n_layers;
  if (changes.d_model > 0) {
    config.d_model = changes.d_model;
    config.d_ff = usual_d_ff(config.feed_forward, config.d_model);
  }
  if (changes.n_heads > 0) {
    const int shared_by = config.n_heads / config.kv_heads();
    if (shared_by > 1) config.n_kv_heads = changes.n_heads % shared_by == 0 ? changes.n_heads / shared_by : 0;
    config.n_heads = changes.n_heads;
  }
  if (changes.d_ff > 0) config.d_ff = changes.d_ff;
  return config;
}

}  // namespace continuo::checkpoint
