#include <algorithm>
#include <cmath>
#include <cstdint>

#include "continuo/kernels/number_types.h"

#include "elementwise/scalar_functions.h"
#include "packed/int16.h"
#include "packed/panel_product.h"

// What products with panels mean, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

// Number (k, column) of a panel.
template <typename Number>
float panel_number(const Panels& panels, const std::byte* panel, std::size_t k, std::size_t column) {
  const std::size_t group = panels.group;
  return to_float(reinterpret_cast<const Number*>(panel)[(k / group * kPanelRows + column) * group + k % group]);
}

float right_number(const Panels& panels, const std::byte* panel, std::size_t k, std::size_t column) {
  if (panels.precision == Precision::kFp32) return panel_number<float>(panels, panel, k, column);
  if (panels.precision == Precision::kFp16) return panel_number<Fp16>(panels, panel, k, column);
  return panel_number<Bf16>(panels, panel, k, column);
}

// Sums of one row and one panel.
void float_sums(const PanelProduct& p, std::size_t row, std::size_t panel, float* sums) {
  const float* left = p.left.row(row);
  const std::byte* right = p.right.data + panel * p.right.stride;
  std::fill_n(sums, kPanelRows, 0.0F);
  for (std::size_t k = 0; k < p.depth; ++k) {
    for (std::size_t column = 0; column < kPanelRows; ++column) {
      sums[column] += left[k] * right_number(p.right, right, k, column);
    }
  }
}

// Groups of 4 hold numbers plus 128, without a sign.
std::int32_t int8_number(const Panels& panels, const std::byte* panel, std::size_t k, std::size_t column) {
  const std::size_t group = panels.group;
  const auto byte = static_cast<std::uint8_t>(panel[(k / group * kPanelRows + column) * group + k % group]);
  return static_cast<std::int8_t>(group == 4 ? byte ^ 0x80U : byte);
}

void int8_sums(const PanelProduct& p, std::size_t row, std::size_t panel, float* sums) {
  const float* left = p.left.row(row);
  const std::byte* right = p.right.data + panel * p.right.stride;
  float top = 0, magnitudes = 0;
  for (std::size_t k = 0; k < p.depth; ++k) {
    top = std::max(top, std::abs(left[k]));
    magnitudes += std::abs(left[k]);
  }
  const float inverse = int16_inverse_step(top, magnitudes);
  std::int32_t whole[kPanelRows] = {};
  for (std::size_t k = 0; k < p.depth; ++k) {
    const float number = left[k] * inverse;
    const auto a = std::isfinite(number) ? static_cast<std::int32_t>(std::nearbyint(number)) : 0;
    for (std::size_t column = 0; column < kPanelRows; ++column) {
      whole[column] += a * int8_number(p.right, right, k, column);
    }
  }
  const float step = inverse == 0 ? 0 : 1 / inverse;
  for (std::size_t column = 0; column < kPanelRows; ++column) {
    const float scale = p.right.scales == nullptr ? 1 : p.right.scales[panel * kPanelRows + column];
    sums[column] = static_cast<float>(whole[column]) * (step * scale);
  }
}

void panel_product(const PanelProduct& p) noexcept {
  for (std::size_t row = 0; row < p.rows; ++row) {
    for (std::size_t panel = 0; panel < p.panels(); ++panel) {
      float sums[kPanelRows];
      if (p.right.precision == Precision::kInt8) {
        int8_sums(p, row, panel, sums);
      } else {
        float_sums(p, row, panel, sums);
      }
      const std::size_t first = panel * kPanelRows;
      for (std::size_t column = first; column < std::min(p.columns, first + kPanelRows); ++column) {
        const float sum = sums[column - first] + (p.bias != nullptr ? p.bias[column] : 0.0F);
        const float rest = p.residual ? p.residual.row(row)[column] : 0.0F;
        p.out.row(row)[column] = activated(p.activation, sum) + rest;
      }
    }
  }
}

}  // namespace

const PanelTable& scalar_panel_table() {
  static constexpr PanelTable kTable = {panel_product, nullptr};
  return kTable;
}

}  // namespace continuo::kernels
