#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "continuo/checkpoint/parts.h"
#include "continuo/json/field_reader.h"

// One row for each enumerator of each part: all that is known of it, and nowhere else.
namespace continuo::checkpoint {

template <typename Enum, typename Traits>
struct PartRow {
  Enum value;
  std::string_view name;  // in files
  Traits traits;
};

struct NoTraits {};
struct NormTraits {
  bool has_shift;
};

// Files of recurrent models have had the name of their first cell from the beginning; `cell` is the one that counts.
inline constexpr PartRow<Family, NoTraits> kFamilies[] = {{Family::kRecurrent, "lstm", {}},
                                                          {Family::kTransformer, "transformer", {}}};
inline constexpr PartRow<NormKind, NormTraits> kNorms[] = {{NormKind::kLayerNorm, "layer_norm", {.has_shift = true}},
                                                           {NormKind::kRmsNorm, "rms_norm", {.has_shift = false}}};
inline constexpr PartRow<NormPlacement, NoTraits> kPlacements[] = {{NormPlacement::kPre, "pre", {}},
                                                                   {NormPlacement::kPost, "post", {}}};
inline constexpr PartRow<Masking, NoTraits> kMaskings[] = {{Masking::kCausal, "causal", {}},
                                                           {Masking::kBidirectional, "bidirectional", {}}};
inline constexpr PartRow<Positions, NoTraits> kPositions[] = {
    {Positions::kLearned, "learned", {}}, {Positions::kRelative, "relative", {}}, {Positions::kRotary, "rotary", {}}};
inline constexpr PartRow<FeedForwardKind, FeedForwardTraits> kFeedForwards[] = {
    {FeedForwardKind::kGelu, "gelu", {.activation = kernels::Activation::kGelu, .gated = false}},
    {FeedForwardKind::kGeluTanh, "gelu_tanh", {.activation = kernels::Activation::kGeluTanh, .gated = false}},
    {FeedForwardKind::kSwiGlu, "swiglu", {.activation = kernels::Activation::kSilu, .gated = true}},
    {FeedForwardKind::kRelu2, "relu2", {.activation = kernels::Activation::kRelu2, .gated = false}}};
inline constexpr PartRow<CellKind, CellTraits> kCells[] = {
    {CellKind::kLstm, "lstm", {.name = "lstm", .gates = 4, .recurrent_bias = false}},
    {CellKind::kGru, "gru", {.name = "gru", .gates = 3, .recurrent_bias = true}}};

// A table's names, as readers of JSON take them.
template <typename Enum, typename Traits, std::size_t kCount>
constexpr std::array<json::Named<Enum>, kCount> names_of(const PartRow<Enum, Traits> (&rows)[kCount]) {
  std::array<json::Named<Enum>, kCount> names;
  for (std::size_t i = 0; i < kCount; ++i) names[i] = {rows[i].value, rows[i].name};
  return names;
}

// Requires: the table has `value`.
template <typename Enum, typename Traits, std::size_t kCount>
constexpr const PartRow<Enum, Traits>& row_of(const PartRow<Enum, Traits> (&rows)[kCount], Enum value) {
  std::size_t i = 0;
  while (rows[i].value != value) ++i;
  return rows[i];
}

}  // namespace continuo::checkpoint
