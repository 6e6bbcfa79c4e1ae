#pragma once

#include <torch/types.h>

#include "continuo/checkpoint/parts.h"
#include "continuo/neural/pass.h"

#include "shared/branch.h"

namespace continuo::neural {

// y = (x - mean) / sqrt(variance + epsilon) * scale + shift, over the last dimension; RMSNorm takes the mean to be 0,
// so that the variance is the mean square, and has no shift. Source: Ba et al., "Layer Normalization", 2016; Zhang and
// Sennrich, "Root Mean Square Layer Normalization", 2019.
struct NormWeights {
  checkpoint::NormKind kind = checkpoint::NormKind::kLayerNorm;
  torch::Tensor scale, shift;  // [width] each; shift undefined where the kind has none
  double epsilon = 1e-5;
};

// x / sqrt(mean square + epsilon) * scale over the last dimension, by libtorch's functions.
torch::Tensor plain_rms_norm(const torch::Tensor& x, const torch::Tensor& scale, double epsilon);

// Pre-norm: the stream stays as it is, and the layer reads its norm. Shape: stream [..., width] fp32; results the
// same.
Branch branch_before_norm(const torch::Tensor& stream, const NormWeights& norm, const Pass& pass);
// Post-norm: the stream is normalised, and the layer reads the same.
Branch branch_after_norm(const torch::Tensor& stream, const NormWeights& norm, const Pass& pass);

}  // namespace continuo::neural
