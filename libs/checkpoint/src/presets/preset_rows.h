#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "continuo/checkpoint/model_config.h"

namespace continuo::checkpoint {

// A model by name.
struct PresetRow {
  std::string_view name;
  std::string_view summary;
  ModelParts parts;
  int heads_per_kv_head = 1;
  bool has_memory = false;  // of as many tokens as the context
};

// Source: gpt: Radford et al. 2018 (LayerNorm after each residual sum, GELU by its tanh form); gpt2: Radford et al.
// 2019 (LayerNorm before each sublayer and at the end); bert: Devlin et al. 2019 (exact GELU); llama: Touvron et al.,
// "LLaMA", 2023, with the grouped queries of "Llama 2"; music_transformer: Huang et al., "Music Transformer", 2018,
// with a learned key for each distance, and the pre-norm blocks of Tensor2Tensor; gru: Cho et al. 2014; attention_rnn:
// Waite, "Generating Long-Term Structure in Songs and Stories", 2016 (Magenta), with the attention of Bahdanau et al.
// 2015 to the last 40 steps. Where we differ: gpt, gpt2 and bert have rotary positions, with which they learn music
// from a fraction of the tokens that the learned ones of the papers take (docs/adr/0025); gpt normalises the
// embeddings' sum too, as bert did; bert is pre-norm, without which it does not leave the frequencies of tokens in the
// time that a CPU has (docs/adr/0004); llama's output is tied to its embedding; music_transformer has GELU where
// Tensor2Tensor had ReLU; attention_rnn's scores are dot products of heads instead of an additive network, its window
// has the current output in it, and what attention gives goes to the output alone, not to the next step's input
// (docs/adr/0029).
// transformer_xl: Dai et al., "Transformer-XL", 2019, whose memory it has: keys and values of earlier tokens, without
// gradient. Its positions are rotary where the paper projects sinusoids of distances and adds the biases u and v: both
// make scores depend on distances alone. A token attends to itself and exactly memory_length tokens before it, where
// the paper's attends to the memory and, besides, to what its own window has before it (docs/adr/0030); keys and values
// are kept as they were computed, so the projections learn from the window's own tokens. Norms come before sublayers
// and activations are GELU, where the paper has them after, and ReLU.
inline constexpr PresetRow kPresets[] = {
    {.name = "lstm",
     .summary = "stacked LSTM: small, quick to learn, no limit to its memory's length",
     .parts = {.family = Family::kRecurrent}},
    {.name = "gru",
     .summary = "stacked GRU: as lstm, with a quarter fewer weights in its layers",
     .parts = {.family = Family::kRecurrent, .cell = CellKind::kGru}},
    {.name = "attention_rnn",
     .summary = "stacked LSTM that looks back at its last 40 outputs, after Magenta's Attention RNN",
     .parts = {.family = Family::kRecurrent, .attention_window = 40}},
    {.name = "gpt",
     .summary = "post-norm Transformer decoder, as in GPT-1",
     .parts = {.norm_placement = NormPlacement::kPost, .positions = Positions::kRotary}},
    {.name = "gpt2",
     .summary = "pre-norm Transformer decoder, as in GPT-2: the usual choice",
     .parts = {.positions = Positions::kRotary}},
    {.name = "music_transformer",
     .summary = "Transformer decoder with relative attention, as in Music Transformer",
     .parts = {.positions = Positions::kRelative}},
    {.name = "llama",
     .summary = "Transformer decoder as in Llama: RMSNorm, rotary positions, SwiGLU, grouped heads",
     .parts = {.norm = NormKind::kRmsNorm,
               .feed_forward = FeedForwardKind::kSwiGlu,
               .positions = Positions::kRotary,
               .bias = false},
     .heads_per_kv_head = 2},
    {.name = "transformer_xl",
     .summary = "Transformer decoder with a memory of earlier windows, as in Transformer-XL: pieces of any length",
     .parts = {.positions = Positions::kRotary},
     .has_memory = true},
    {.name = "bert",
     .summary = "bidirectional Transformer: fills masked places, rewrites bars",
     .parts = {.masking = Masking::kBidirectional,
               .feed_forward = FeedForwardKind::kGelu,
               .positions = Positions::kRotary}},
};

// Null where no row has this name.
template <typename Row, std::size_t kCount>
const Row* find_row(const Row (&rows)[kCount], std::string_view name) {
  const Row* row = std::find_if(rows, rows + kCount, [&](const Row& r) { return r.name == name; });
  return row == rows + kCount ? nullptr : row;
}

}  // namespace continuo::checkpoint
