#include "continuo/checkpoint/presets.h"

#include <array>
#include <string>

#include "continuo/base/text.h"

#include "presets/preset_rows.h"

namespace continuo::checkpoint {
namespace {

struct Shape {
  int layers, width, heads, context;  // heads: of models with attention
  int d_ff = 0;                       // 0: usual_d_ff()
};

struct Size {
  std::string_view name;
  Shape recurrent, transformer;
};

constexpr Size kSizes[] = {
    {"tiny", {1, 128, 4, 256}, {2, 128, 4, 256}},
    {"small", {2, 256, 4, 512}, {4, 256, 4, 512}},
    {"base", {2, 512, 8, 512}, {6, 512, 8, 1024}},
};

// A size that was published, of one model. docs/models.md has the source of each.
struct PublishedSize {
  std::string_view name;
  std::string_view model;
  Shape shape;
};

constexpr PublishedSize kPublishedSizes[] = {
    {"performance_rnn", "lstm", {3, 512, 1, 512}},
    {"magenta_attention_rnn", "attention_rnn", {2, 128, 1, 512}},
    {"gpt_117m", "gpt", {12, 768, 12, 512}},
    {"gpt2_124m", "gpt2", {12, 768, 12, 1024}},
    {"gpt2_355m", "gpt2", {24, 1024, 16, 1024}},
    {"music_transformer_jsb", "music_transformer", {5, 512, 8, 1024, 512}},
    {"music_transformer_piano", "music_transformer", {6, 512, 8, 2048, 1024}},
    {"remi", "transformer_xl", {12, 512, 8, 512}},
    {"musicautobot", "transformer_xl", {16, 512, 8, 512}},
    {"midibert", "bert", {12, 768, 12, 512}},
    {"musicbert_small", "bert", {4, 512, 8, 1024}},
    {"musicbert_base", "bert", {12, 768, 12, 1024}},
};

template <typename Row, std::size_t kCount>
constexpr std::array<std::string_view, kCount> names_in(const Row (&rows)[kCount]) {
  std::array<std::string_view, kCount> names;
  for (std::size_t i = 0; i < kCount; ++i) names[i] = rows[i].name;
  return names;
}

constexpr auto kModelNames = names_in(kPresets);
constexpr auto kSizeNames = [] {
  std::array<std::string_view, std::size(kSizes) + std::size(kPublishedSizes)> names;
  std::size_t count = 0;
  for (const Size& size : kSizes) names[count++] = size.name;
  for (const PublishedSize& size : kPublishedSizes) names[count++] = size.name;
  return names;
}();

Error unknown(const std::string& kind, std::string_view name, std::span<const std::string_view> known) {
  return {ErrorCode::unsupported, "unknown " + kind + " '" + std::string(name) + "' (known: " + joined(known) + ")"};
}

Result<Shape> shape_of(const PresetRow& preset, std::string_view size) {
  if (const Size* known = find_row(kSizes, size))
    return preset.parts.family == Family::kRecurrent ? known->recurrent : known->transformer;
  const PublishedSize* published = find_row(kPublishedSizes, size);
  if (published == nullptr) return unknown("size", size, kSizeNames);
  if (published->model == preset.name) return published->shape;
  return Error{ErrorCode::unsupported, "the size '" + std::string(size) + "' is one of " +
                                           std::string(published->model) + ", not of " + std::string(preset.name)};
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
  CONTINUO_ASSIGN(const Shape shape, shape_of(*preset, size));
  ModelConfig config{preset->parts};
  config.preset = preset->name;
  config.n_layers = shape.layers;
  config.d_model = shape.width;
  config.n_heads = config.has_attention() ? shape.heads : 1;
  config.context_length = shape.context;
  if (preset->has_memory) config.memory_length = shape.context;
  if (preset->heads_per_kv_head > 1) config.n_kv_heads = shape.heads / preset->heads_per_kv_head;
  config.d_ff = shape.d_ff > 0 ? shape.d_ff : usual_d_ff(config.feed_forward, config.d_model);
  return config;
}

ModelConfig changed(ModelConfig config, const ShapeChanges& changes) {
  if (changes.context_length > 0) {
    const bool as_long = config.memory_length == config.context_length;
    config.context_length = changes.context_length;
    if (as_long) config.memory_length = config.context_length;
  }
  if (changes.memory_length > 0) config.memory_length = changes.memory_length;
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
