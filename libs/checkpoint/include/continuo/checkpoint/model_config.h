#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "continuo/base/result.h"

namespace continuo::checkpoint {

enum class Family { kLstm, kTransformer };
enum class NormPlacement { kPre, kPost };  // norm before each sublayer, or after its residual sum
enum class Masking { kCausal, kBidirectional };
// Where a Transformer's tokens are: a learned vector of each position added to the token's, keys learned for distances
// (Huang et al., "Music Transformer", 2018), or queries and keys turned by their position (Su et al., "RoFormer",
// 2021).
enum class Positions { kLearned, kRelative, kRotary };
enum class Activation { kGelu, kGeluTanh };  // exact (erf) or the tanh approximation

// A network's shape: everything that the trainer and the engine must agree on. Presets differ in values only.
// LSTM uses vocab_size, d_model (hidden units, and embedding width), n_layers, dropout, tied_output.
struct ModelConfig {
  std::string preset = "gpt2";  // lstm, gpt, gpt2, bert
  Family family = Family::kTransformer;
  int vocab_size = 0;
  int d_model = 256;
  int n_layers = 4;
  int n_heads = 4;  // d_model % n_heads == 0
  int d_ff = 1024;
  int context_length = 512;  // tokens; for the LSTM the length of a training window, no limit in use
  NormPlacement norm_placement = NormPlacement::kPre;
  Masking masking = Masking::kCausal;
  Activation activation = Activation::kGeluTanh;
  Positions positions = Positions::kLearned;
  bool tied_output = true;  // the output matrix is the embedding
  double norm_epsilon = 1e-5;
  double dropout = 0.1;  // while training only
  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

// Errors: malformed, naming the field (out of range, heads that do not divide d_model, unknown preset).
Status validate(const ModelConfig& config);
nlohmann::json to_json(const ModelConfig& config);
Result<ModelConfig> model_config_from_json(const nlohmann::json& json);

std::span<const std::string_view> model_names();  // lstm, gpt, gpt2, bert
std::span<const std::string_view> size_names();   // tiny, small, base
std::string_view model_summary(std::string_view name);
std::optional<Family> family_of(std::string_view name);

// The preset `name` in `size`; vocab_size is left to the caller. Errors: unsupported (unknown name or size).
//   lstm: tiny 1 x 128, small 2 x 256, base 2 x 512, windows of 256 / 512 / 512 tokens
//   the Transformers: tiny 2 x 128 (4 heads), small 4 x 256 (4), base 6 x 512 (8); contexts 256 / 512 / 1024
Result<ModelConfig> preset_config(std::string_view name, std::string_view size);

// How many weights the model has.
std::int64_t parameter_count(const ModelConfig& config);

}  // namespace continuo::checkpoint
