#include "layers/norm.h"

#include "continuo/kernels/norm.h"

namespace continuo::engine {
namespace {

// Rows that are worth a piece of their own where little is done with each.
constexpr std::size_t kNormRows = 16;

}  // namespace

NormLayer read_norm(WeightReader& reader, const std::string& name) {
  return {reader.take(name + ".weight"), reader.take(name + ".bias")};
}

void normalise(const NormLayer& layer, double epsilon, std::size_t rows, kernels::Matrix<const float> input,
               kernels::Matrix<float> output, const Workers& workers) noexcept {
  const kernels::NormWeights weights = {layer.scale.data(), layer.shift.data(), static_cast<float>(epsilon)};
  workers.share(rows, {kNormRows}, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t row = begin; row < end; ++row) {
      kernels::layer_norm(weights, input.row(row), output.row(row), layer.scale.size());
    }
  });
}

}  // namespace continuo::engine
