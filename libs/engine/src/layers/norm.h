#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "continuo/kernels/matrix.h"

#include "layers/workers.h"
#include "weights/weight_reader.h"

namespace continuo::engine {

// LayerNorm or RMSNorm. Shape: scale [width], shift [width] or empty where the kind of norm has none.
struct NormLayer {
  checkpoint::NormKind kind = checkpoint::NormKind::kLayerNorm;
  std::vector<float> scale;
  std::vector<float> shift;
};

// `name`.weight and `name`.bias. Errors: by the reader's status().
NormLayer read_norm(WeightReader& reader, const std::string& name, checkpoint::NormKind kind);

// Shape: input, output [rows, width].
void normalise(const NormLayer& layer, double epsilon, std::size_t rows, kernels::Matrix<const float> input,
               kernels::Matrix<float> output, const Workers& workers) noexcept;

}  // namespace continuo::engine
