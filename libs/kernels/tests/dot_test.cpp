#include "training/dot.h"

#include "kernel_test.h"
#include "plain_dots.h"
#include "training/pair_dot.h"
#include "training/tile_dot.h"

namespace continuo::kernels {
namespace {

// Random operands of a block product, and its result by the definition.
struct Block {
  Block(std::size_t rows, std::size_t depth, bool transposed) {
    Rng rng(rows * 131 + depth);
    for (const float value : random_floats(rng, rows * depth)) left.push_back(to_bf16(value));
    for (const float value : random_floats(rng, depth * kPanelRows)) right.push_back(to_bf16(value));
    start = random_floats(rng, rows * kStride);
    p.rows = rows;
    p.depth = depth;
    p.left = left.data();
    p.right = right.data();
    // Groups of neighbouring depth lie together either way.
    p.row_stride = transposed ? 2 : depth;
    p.step = transposed ? 2 * rows : 2;
    p.out_stride = kStride;
  }

  double expected(std::size_t row, std::size_t column, bool accumulate) const {
    double sum = accumulate ? start[row * kStride + column] : 0.0;
    for (std::size_t k = 0; k < p.depth; ++k) {
      const Bf16 a = p.left[row * p.row_stride + k / 2 * p.step + k % 2];
      const Bf16 b = p.right[(k / 2 * kPanelRows + column) * 2 + k % 2];
      sum += double{to_float(a)} * double{to_float(b)};
    }
    return sum;
  }

  template <typename Product>
  void check(const Product& product, bool accumulate) {
    std::vector<float> out = start;
    p.out = out.data();
    p.accumulate = accumulate;
    product(p);
    for (std::size_t row = 0; row < p.rows; ++row) {
      for (std::size_t column = 0; column < kStride; ++column) {
        const float value = out[row * kStride + column];
        if (column >= kPanelRows) {
          ASSERT_EQ(value, start[row * kStride + column]) << "written beyond the panel";
        } else {
          ASSERT_NEAR(value, expected(row, column, accumulate), sum_tolerance(p.depth))
              << p.rows << " rows, depth " << p.depth << ", at " << row << ", " << column;
        }
      }
    }
  }

  static constexpr std::size_t kStride = kPanelRows + 5;
  std::vector<Bf16> left, right;
  std::vector<float> start;
  BlockProduct<Bf16> p;
};

template <typename Product>
void check_all(const Product& product) {
  for (const std::size_t rows : {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48}) {
    for (const std::size_t depth : {2, 4, 30, 32, 34, 64, 66, 128}) {
      for (const bool transposed : {false, true}) {
        Block block(rows, depth, transposed);
        block.check(product, false);
        block.check(product, true);
      }
    }
  }
}

TEST(PairDot, PlainTwin_EqualsDoubleSums) {
  check_all([](const BlockProduct<Bf16>& p) { pair_block_product<PlainPairs>(p); });
}

TEST(TileDot, PlainTwin_EqualsDoubleSums) {
  check_all([](const BlockProduct<Bf16>& p) {
    PlainTiles tiles;
    tile_block_product(tiles, p);
  });
}

TEST(Bf16Dot, Processor_EqualsDoubleSums) {
  int found = 0;
  for (const Isa isa : {Isa::kAvx512Bf16, Isa::kAmx}) {
    const Bf16Dot* dot = bf16_dot(isa);
    if (dot == nullptr) continue;
    ++found;
    check_all([&](const BlockProduct<Bf16>& p) {
      if (dot->begin != nullptr) dot->begin();
      dot->product(p);
      if (dot->end != nullptr) dot->end();
    });
  }
  if (found == 0) GTEST_SKIP() << "this CPU multiplies no bf16 by itself; the plain twins were tested";
}

}  // namespace
}  // namespace continuo::kernels
