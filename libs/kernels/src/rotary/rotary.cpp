#include "continuo/kernels/rotary.h"

#include <cmath>

#include "continuo/kernels/number_types.h"

#include "isa/dispatch.h"
#include "rotary/rotation_table.h"

namespace continuo::kernels {

RotaryTable::RotaryTable(std::size_t position_count, std::size_t features, double base)
    : positions(position_count), rotated(features), cosines(positions * rotated / 2), sines(cosines.size()) {
  for (std::size_t i = 0; i < rotated / 2; ++i) {
    frequencies.push_back(std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(rotated)));
  }
  for (std::size_t position = 0; position < positions; ++position) place(position, position);
}

void RotaryTable::place(std::size_t row, std::size_t position) noexcept {
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const double angle = static_cast<double>(position) * frequencies[i];
    cosines[row * frequencies.size() + i] = static_cast<float>(std::cos(angle));
    sines[row * frequencies.size() + i] = static_cast<float>(std::sin(angle));
  }
}

template <typename Number>
void rotate(const Rotation<Number>& call, Part part) {
  static const Dispatch<RotationTable<Number>> tables(scalar_rotation_table<Number>(), simd_rotation_table<Number>);
  tables.active().rotate(call, part.begin(call.rows), part.end(call.rows));
}

template void rotate(const Rotation<float>&, Part);
template void rotate(const Rotation<Bf16>&, Part);

}  // namespace continuo::kernels
