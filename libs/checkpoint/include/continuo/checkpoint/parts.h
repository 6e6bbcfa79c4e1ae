#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "continuo/kernels/activation.h"

// The parts that networks are made of. A part is an enumerator and a row of a table in src/parts, which has its name in
// files and the facts that checkpoints, engine and trainer share.
namespace continuo::checkpoint {

enum class Family { kRecurrent, kTransformer };
// LayerNorm (Ba et al., 2016), or RMSNorm, which subtracts no mean and has no shift (Zhang and Sennrich, 2019).
enum class NormKind { kLayerNorm, kRmsNorm };
enum class NormPlacement { kPre, kPost };  // norm before each sublayer, or after its residual sum
enum class Masking { kCausal, kBidirectional };
// How a Transformer knows where its tokens are: by a learned vector of each position that is added to the token's, by
// learned keys of distances (Huang et al., "Music Transformer", 2018), or by rotating queries and keys (Su et al.,
// "RoFormer", 2021).
enum class Positions { kLearned, kRelative, kRotary };
// What is between the two matrices of a feed-forward layer: exact GELU (erf), its tanh approximation, SwiGLU
// (Shazeer, "GLU Variants Improve Transformer", 2020), or squared ReLU (So et al., "Primer", 2021).
enum class FeedForwardKind { kGelu, kGeluTanh, kSwiGlu, kRelu2 };
// LSTM (Hochreiter and Schmidhuber, 1997), or GRU (Cho et al., 2014) with the reset gate after the product, as in
// PyTorch.
enum class CellKind { kLstm, kGru };

// Whether the norm has a shift beside its scale.
bool has_shift(NormKind kind);

struct FeedForwardTraits {
  kernels::Activation activation;
  bool gated;  // fc1 gives d_ff gates and then d_ff values, of which fc2 reads activation(gates) * values
};
FeedForwardTraits traits_of(FeedForwardKind kind);

struct CellTraits {
  std::string_view name;  // also in names of tensors: layers.N.NAME.input.weight
  int gates;              // blocks of d_model rows in both matrices
  bool recurrent_bias;    // the last gate has a bias within the recurrent product
};
CellTraits traits_of(CellKind kind);

std::string_view to_string(Positions positions);
std::span<const std::string_view> positions_names();  // learned, relative, rotary
std::optional<Positions> positions_named(std::string_view name);

}  // namespace continuo::checkpoint
