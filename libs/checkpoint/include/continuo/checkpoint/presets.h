#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/checkpoint/model_config.h"

// Models by name: values of ModelConfig.
namespace continuo::checkpoint {

std::span<const std::string_view> model_names();  // lstm, gru, attention_rnn, gpt, gpt2, music_transformer, llama,
                                                  // transformer_xl, bert
std::span<const std::string_view> size_names();   // tiny, small, base, and then published ones of single models
std::string_view model_summary(std::string_view name);
std::optional<Family> family_of(std::string_view name);

// The preset `name` in `size`; vocab_size is left to the caller. Errors: unsupported (unknown name or size, or
// a published size of another model).
//   recurrent: tiny 1 x 128, small 2 x 256, base 2 x 512, windows of 256 / 512 / 512 tokens;
//     attention_rnn with 4 / 4 / 8 heads
//   the Transformers: tiny 2 x 128 (4 heads), small 4 x 256 (4), base 6 x 512 (8); contexts 256 / 512 / 1024,
//   and a memory of the same length where the model has one
//   published ones: docs/models.md
Result<ModelConfig> preset_config(std::string_view name, std::string_view size);

// Changes of a preset's shape; 0: as it is.
struct ShapeChanges {
  int context_length = 0, n_layers = 0, d_model = 0, n_heads = 0, d_ff = 0, memory_length = 0;
};
// What follows from a changed number follows: d_ff from d_model, where it is not given; n_kv_heads from n_heads, as the
// same share of them, or all where that divides nothing; a memory as long as the context stays so.
ModelConfig changed(ModelConfig config, const ShapeChanges& changes);

// The usual width of feed-forward layers: 4 d_model; gated, 8/3 d_model rounded up to a multiple of 32, which makes
// about as many weights. Source: Touvron et al., "LLaMA", 2023, section 2.2.
int usual_d_ff(FeedForwardKind kind, int d_model);

}  // namespace continuo::checkpoint
