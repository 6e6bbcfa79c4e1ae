#include "continuo/kernels/optimiser.h"

#include <algorithm>

#include "isa/dispatch.h"
#include "isa/number_range.h"
#include "optimiser/optimiser_table.h"

namespace continuo::kernels {
namespace {

const OptimiserTable& kernels_in_use() {
  static const Dispatch<OptimiserTable> tables(scalar_optimiser_table(), simd_optimiser_table);
  return tables.active();
}

}  // namespace

void adamw(const AdamwState& state, const AdamwFactors& factors, Part part) {
  const auto [begin, end] = numbers_of_part(state.values.size(), part);
  kernels_in_use().adamw(state, factors, begin, end);
}

void sum_of_squares(std::span<const float> values, double* sums, Part part) {
  const std::size_t chunks = sum_of_squares_chunks(values.size());
  for (std::size_t chunk = part.begin(chunks); chunk < part.end(chunks); ++chunk) {
    const std::size_t begin = chunk * kSumOfSquaresChunk, count = std::min(kSumOfSquaresChunk, values.size() - begin);
    sums[chunk] = kernels_in_use().sum_of_squares(values.data() + begin, count);
  }
}

}  // namespace continuo::kernels
