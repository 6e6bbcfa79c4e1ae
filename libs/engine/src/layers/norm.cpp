#include "layers/norm.h"

#include "continuo/kernels/norm.h"

namespace continuo::engine {
namespace {

// Rows that are worth a piece of their own where little is done with each.
constexpr std::size_t kNormRows = 16;

using kernels::Matrix;
using kernels::Range;

void layer_norm_rows(const NormLayer& layer, float epsilon, Matrix<const float> input, Matrix<float> output,
                     Range rows) noexcept {
  const kernels::NormWeights weights = {layer.scale.data(), layer.shift.data(), epsilon};
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    kernels::layer_norm(weights, input.row(row), output.row(row), layer.scale.size());
  }
}

void rms_norm_rows(const NormLayer& layer, float epsilon, Matrix<const float> input, Matrix<float> output,
                   Range rows) noexcept {
  kernels::NormForward<float> call;
  call.shape = {.rows = rows.size(), .width = layer.scale.size(), .scale = layer.scale.data(), .epsilon = epsilon};
  call.input = input.from_row(rows.begin);
  call.output = output.from_row(rows.begin);
  kernels::norm(call, {});
}

}  // namespace

NormLayer read_norm(WeightReader& reader, const std::string& name, checkpoint::NormKind kind) {
  NormLayer layer;
  layer.kind = kind;
  layer.scale = reader.take(name + ".weight");
  if (checkpoint::has_shift(kind)) layer.shift = reader.take(name + ".bias");
  return layer;
}

void normalise(const NormLayer& layer, double epsilon, std::size_t rows, Matrix<const float> input,
               Matrix<float> output, const Workers& workers) noexcept {
  workers.share(rows, {kNormRows}, [&](std::size_t begin, std::size_t end, int) {
    switch (layer.kind) {
      case checkpoint::NormKind::kLayerNorm:
        return layer_norm_rows(layer, static_cast<float>(epsilon), input, output, {begin, end});
      case checkpoint::NormKind::kRmsNorm:
        return rms_norm_rows(layer, static_cast<float>(epsilon), input, output, {begin, end});
    }
  });
}

}  // namespace continuo::engine
