#include "parts/norm.h"

#include <torch/torch.h>

#include "fused/norm.h"
#include "parts/projection.h"

namespace continuo::neural {
namespace {

torch::Tensor plain_norm(const torch::Tensor& x, const NormWeights& norm) {
  switch (norm.kind) {
    case checkpoint::NormKind::kLayerNorm:
      return at::layer_norm(x, norm.scale.sizes(), norm.scale, norm.shift, norm.epsilon);
    case checkpoint::NormKind::kRmsNorm:
      return plain_rms_norm(x, norm.scale, norm.epsilon);
  }
  return x;
}

// The kernels take a norm without a shift for RMSNorm.
fused::Norm fused_norm(const NormWeights& norm) { return {norm.scale, norm.shift, norm.epsilon}; }

}  // namespace

torch::Tensor plain_rms_norm(const torch::Tensor& x, const torch::Tensor& scale, double epsilon) {
  return x * at::rsqrt(at::mean(x * x, {-1}, true) + epsilon) * scale;
}

Branch branch_before_norm(const torch::Tensor& stream, const NormWeights& norm, const Pass& pass) {
  if (pass.fused) return fused::branch_before_norm(stream, fused_norm(norm), input_type(pass));
  return {stream, plain_norm(stream, norm)};
}

Branch branch_after_norm(const torch::Tensor& stream, const NormWeights& norm, const Pass& pass) {
  if (pass.fused) return fused::branch_after_norm(stream, fused_norm(norm), input_type(pass));
  const torch::Tensor normalised = plain_norm(stream, norm);
  return {normalised, normalised};
}

}  // namespace continuo::neural
