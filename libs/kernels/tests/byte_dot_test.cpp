#include "packed/byte_dot.h"

#include <functional>
#include <string>

#include "continuo/kernels/packed_matrix.h"

#include "kernel_test.h"
#include "packed/byte_tiles.h"
#include "packed/byte_vectors.h"
#include "plain_dots.h"

namespace continuo::kernels {
namespace {

// Any bytes, the largest ones among them.
template <typename Byte>
Byte random_byte(Rng& rng) {
  const auto byte = static_cast<std::uint8_t>(rng.below(256));
  return static_cast<Byte>(rng.below(8) == 0 ? 0x80 : byte);
}

// Random operands, and their products by the definition.
struct Operands {
  Operands(std::size_t row_count, std::size_t panel_count, std::size_t number_count)
      : rows(row_count), panels(panel_count), depth(number_count), stride(left_row_bytes(depth)) {
    Rng rng(rows * 37 + panels * 11 + depth);
    left.resize(rows * stride);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t k = 0; k < depth; ++k) {
        left[r * stride + k] = random_byte<std::int8_t>(rng);
        left[r * stride + left_numbers(depth) + k] = random_byte<std::int8_t>(rng);
      }
    }
    right.resize(panels * panel_bytes(Precision::kInt8, depth));
    for (auto& byte : right) byte = random_byte<std::uint8_t>(rng);
    start.resize(rows * width());
    for (auto& number : start) number = static_cast<std::int32_t>(rng.below(1U << 31));
  }

  std::size_t width() const { return panels * kPanelRows; }

  // Of one half of the left side, which begins at `half`.
  std::vector<std::int32_t> expected(std::size_t half, bool accumulate) const {
    std::vector<std::int32_t> out(rows * width());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t row = i / width(), panel = i % width() / kPanelRows, column = i % kPanelRows;
      auto sum = accumulate ? static_cast<std::uint32_t>(start[i]) : 0U;
      for (std::size_t k = 0; k < depth; ++k) {
        const std::size_t at = (k / 4 * kPanelRows + column) * 4 + k % 4;
        const int product = left[row * stride + half + k] * right[panel * panel_bytes(Precision::kInt8, depth) + at];
        sum += static_cast<std::uint32_t>(product);
      }
      out[i] = static_cast<std::int32_t>(sum);
    }
    return out;
  }

  void check(const std::function<void(const ByteProduct&)>& multiply, bool accumulate, const std::string& what) const {
    std::vector<std::int32_t> upper = start, lower = start;
    ByteProduct p;
    p.rows = rows;
    p.depth = depth;
    p.upper = left.data();
    p.lower = left.data() + left_numbers(depth);
    p.row_stride = stride;
    p.right = right.data();
    p.right_stride = panel_bytes(Precision::kInt8, depth);
    p.panels = panels;
    p.upper_out = upper.data();
    p.lower_out = lower.data();
    p.out_stride = width();
    p.accumulate = accumulate;
    multiply(p);
    EXPECT_EQ(upper, expected(0, accumulate)) << what << ", " << rows << " rows, depth " << depth;
    EXPECT_EQ(lower, expected(left_numbers(depth), accumulate)) << what << ", " << rows << " rows, depth " << depth;
  }

  std::size_t rows, panels, depth, stride;
  std::vector<std::int8_t> left;
  std::vector<std::uint8_t> right;
  std::vector<std::int32_t> start;
};

void check_all(const ByteDot& dot, const std::string& what) {
  for (const std::size_t depth : {1, 3, 4, 7, 60, 63, 64, 65, 128, 200}) {
    for (const std::size_t panels : {1, 2, 3, 5}) {
      for (const bool accumulate : {false, true}) {
        Operands(1, panels, depth).check(dot.row, accumulate, what);
        for (const std::size_t rows : {1, 2, 3, 5, 6, 7, 15, 16, 17, 33}) {
          Operands(rows, panels, depth).check(dot.rows, accumulate, what);
        }
      }
    }
  }
}

TEST(ByteDot, PlainTwins_EqualTheDefinition) {
  using Narrow = PlainBytes<8, 1, 3>;
  using Wide = PlainBytes<16, 4, 6>;
  check_all({byte_row<Narrow>, byte_rows<Narrow>}, "8 lanes");
  check_all({byte_row<Wide>, byte_rows<Wide>}, "16 lanes");
  check_all({byte_row<Wide>,
             [](const ByteProduct& p) {
               PlainTiles tiles;
               byte_tile_rows(tiles, p);
             }},
            "tiles");
}

TEST(ByteDot, Processor_EqualsTheDefinition) {
  int found = 0;
  for (const Isa isa : {Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
    const ByteDot* dot = byte_dot(isa);
    if (dot == nullptr) continue;
    ++found;
    check_all(*dot, std::string(to_string(isa)));
  }
  if (found == 0) GTEST_SKIP() << "this CPU multiplies no bytes; the plain twins were tested";
}

}  // namespace
}  // namespace continuo::kernels
