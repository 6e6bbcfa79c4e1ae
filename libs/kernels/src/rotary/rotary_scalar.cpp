#include <cstddef>

#include "continuo/kernels/number_types.h"

#include "rotary/rotation_table.h"

// What rotary positions mean, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

template <typename Number>
void rotate_rows(const Rotation<Number>& c, std::size_t begin, std::size_t end) {
  const std::size_t half = c.table->rotated / 2;
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t angles = (row % c.time + c.offset) * half;
    for (std::size_t head = 0; head < c.heads; ++head) {
      Number* x = c.vectors.row(row) + head * c.head_width;
      for (std::size_t i = 0; i < half; ++i) {
        const float cosine = c.table->cosines[angles + i];
        const float sine = c.inverse ? -c.table->sines[angles + i] : c.table->sines[angles + i];
        const float first = to_float(x[i]), second = to_float(x[half + i]);
        x[i] = number_from<Number>(first * cosine - second * sine);
        x[half + i] = number_from<Number>(second * cosine + first * sine);
      }
    }
  }
}

}  // namespace

template <typename Number>
const RotationTable<Number>& scalar_rotation_table() {
  static constexpr RotationTable<Number> kTable = {rotate_rows<Number>};
  return kTable;
}
template const RotationTable<float>& scalar_rotation_table();
template const RotationTable<Bf16>& scalar_rotation_table();

}  // namespace continuo::kernels
