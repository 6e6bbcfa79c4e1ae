#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "continuo/base/result.h"
#include "continuo/checkpoint/parts.h"

namespace continuo::checkpoint {

// What a model is built of, whatever its size: a named model is a row of these.
struct ModelParts {
  Family family = Family::kTransformer;
  NormKind norm = NormKind::kLayerNorm;
  NormPlacement norm_placement = NormPlacement::kPre;
  Masking masking = Masking::kCausal;
  FeedForwardKind feed_forward = FeedForwardKind::kGeluTanh;
  Positions positions = Positions::kLearned;
  // Each head's queries and keys go through an RMSNorm with a learned scale before rotation and scores ("QK-norm").
  // Source: Henry et al., "Query-Key Normalization for Transformers", 2020; Dehghani et al., "Scaling Vision
  // Transformers to 22 Billion Parameters", 2023; in this form Yang et al., "Qwen3 Technical Report", 2025.
  bool qk_norm = false;
  CellKind cell = CellKind::kLstm;
  // Recurrent models: attention of the last layer's outputs h to the last `attention_window` of them, itself included:
  // the output matrix reads h + W_o attention(h). 0: none. Scores are of content alone, so memory has no limit.
  // Source: Waite, "Generating Long-Term Structure in Songs and Stories", 2016; Bahdanau et al., "Neural Machine
  // Translation by Jointly Learning to Align and Translate", 2015. Where we differ: scores are scaled dot products of
  // heads in place of an additive network, the window has the current output in it, and what attention gives is not
  // part of the next step's input, so that training attends at all steps at once.
  int attention_window = 0;
  bool bias = true;  // of linear layers and of the output
  friend bool operator==(const ModelParts&, const ModelParts&) = default;
};

// A network's shape: everything that the trainer and the engine must agree on. Presets differ in values only. The
// defaults are those of files without the member; src/config/config_fields.cpp describes each member once.
// Recurrent models have vocab_size, d_model (units of each layer, and width of the embedding), n_layers, cell,
// attention_window with n_heads, dropout, tied_output, places, slots, and context_length as the length of a training
// window.
struct ModelConfig : ModelParts {
  std::string preset = "gpt2";  // one of model_names()
  int vocab_size = 0;
  int d_model = 256;
  int n_layers = 4;
  int n_heads = 4;     // d_model % n_heads == 0
  int n_kv_heads = 0;  // heads of keys and values, each shared by n_heads / n_kv_heads heads; 0: n_heads
  int d_ff = 1024;
  int context_length = 512;  // tokens; for recurrent models the length of a training window, no limit in use
  // Tokens before its own that a token attends to, whatever window they are in; 0: all of its window and no others.
  // Causal Transformers whose positions are distances only. See docs/adr/0030.
  int memory_length = 0;
  int places = 0;           // musical places in a bar that have a vector each, added to the token's; 0: not used
  int slots = 0;            // slots that have one, likewise
  bool tied_output = true;  // the output matrix is the embedding
  double norm_epsilon = 1e-5;
  double dropout = 0.1;  // while training only
  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;

  int kv_heads() const { return n_kv_heads == 0 ? n_heads : n_kv_heads; }
  bool has_attention() const { return family == Family::kTransformer || attention_window > 0; }
  bool has_musical_places() const { return places > 0 || slots > 0; }
  bool has_position_vectors() const { return family == Family::kTransformer && positions == Positions::kLearned; }
  // Whether the model reads at most context_length tokens. A recurrent state, and a memory, last for any number.
  bool is_limited_to_context() const { return family == Family::kTransformer && memory_length == 0; }
  // Requires: has_attention().
  int head_width() const { return d_model / n_heads; }
  int kv_width() const { return kv_heads() * head_width(); }
};

// Errors: malformed, naming the field (out of range, heads that do not divide d_model, a part that the family does not
// have, unknown preset).
Status validate(const ModelConfig& config);
nlohmann::json to_json(const ModelConfig& config);
Result<ModelConfig> model_config_from_json(const nlohmann::json& json);

}  // namespace continuo::checkpoint
