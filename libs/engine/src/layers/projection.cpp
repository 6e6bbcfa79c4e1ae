#include "layers/projection.h"

namespace continuo::engine {

kernels::PackedMatrix read_projection(WeightReader& reader, const std::string& name) {
  return reader.pack(name + ".weight", reader.bias(name).numbers());
}

kernels::PackedMatrix read_output(WeightReader& reader) {
  return reader.pack(reader.output_name(), reader.bias("output").numbers());
}

void project(const kernels::PackedMatrix& matrix, kernels::LinearCall call, PreparedInput& prepared,
             const Workers& workers) noexcept {
  call.prepared = prepared.of(matrix, call.input, call.rows, workers);
  workers.share(matrix.panels(), cut_of(matrix), [&](std::size_t begin, std::size_t end, int) {
    linear(matrix, call, {begin, end});
  });
}

}  // namespace continuo::engine
