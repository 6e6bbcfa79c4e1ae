#include "matmul/bf16_dot.h"

#include <functional>
#include <string>

#include "kernel_test.h"
#include "matmul/pair_dot.h"
#include "matmul/tile_dot.h"
#include "plain_dots.h"

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

// Ways to multiply bf16: many rows, and one.
struct Way {
  std::string name;
  std::function<void(const BlockProduct<Bf16>&)> product;
  std::function<void(const FewRowsProduct&)> few_rows;
  std::size_t most_rows;
};

Way plain_pairs() { return {"plain pairs", pair_block_product<PlainPairs>, pair_row_product<PlainPairs>, 1}; }

Way plain_tiles() {
  return {"plain tiles",
          [](const BlockProduct<Bf16>& p) {
            PlainTiles tiles;
            tile_block_product(tiles, p);
          },
          [](const FewRowsProduct& p) {
            PlainTiles tiles(p.rows);
            tile_few_rows_product(tiles, p);
          },
          kTileRowCount};
}

// Those of this CPU.
std::vector<Way> processor_ways() {
  std::vector<Way> ways;
  for (const Isa isa : {Isa::kAvx512Bf16, Isa::kAmx}) {
    const Bf16Dot* dot = bf16_dot(isa);
    if (dot == nullptr) continue;
    const auto product = [=](const BlockProduct<Bf16>& p) {
      if (dot->begin != nullptr) dot->begin();
      dot->product(p);
      if (dot->end != nullptr) dot->end();
    };
    const auto few_rows = [=](const FewRowsProduct& p) {
      if (dot->begin_few != nullptr) dot->begin_few(p.rows);
      dot->few_rows(p);
      if (dot->end != nullptr) dot->end();
    };
    ways.push_back({std::string(to_string(isa)), product, few_rows, dot->most_rows});
  }
  return ways;
}

std::vector<Way> all_ways() {
  std::vector<Way> ways = processor_ways();
  ways.push_back(plain_pairs());
  ways.push_back(plain_tiles());
  return ways;
}

TEST(PairDot, PlainTwin_EqualsDoubleSums) { check_all(plain_pairs().product); }

TEST(TileDot, PlainTwin_EqualsDoubleSums) { check_all(plain_tiles().product); }

TEST(Bf16Dot, Processor_EqualsDoubleSums) {
  const auto ways = processor_ways();
  for (const Way& way : ways) check_all(way.product);
  if (ways.empty()) GTEST_SKIP() << "this CPU multiplies no bf16 by itself; the plain twins were tested";
}

std::vector<Bf16> random_bf16(Rng& rng, std::size_t count, float reach) {
  std::vector<Bf16> numbers;
  for (const float value : random_floats(rng, count, reach)) numbers.push_back(to_bf16(value));
  return numbers;
}

// Panels and some rows of a left side, the rows padded to whole tiles as the products of the engine have them.
struct Rows {
  Rows(std::size_t row_count, std::size_t panel_count, std::size_t number_count, float reach = 1)
      : rows(row_count), panels(panel_count), depth(number_count), stride(round_up(number_count, 64)) {
    Rng rng(rows * 37 + panels * 11 + depth);
    right = random_bf16(rng, panels * depth * kPanelRows, reach);
    left = random_bf16(rng, rows * stride, reach);
  }

  // Shape: [rows, panels * 32].
  std::vector<float> together(const Way& way) const {
    std::vector<float> out(rows * panels * kPanelRows);
    for (std::size_t panel = 0; panel < panels; ++panel) {
      BlockProduct<Bf16> p;
      p.rows = rows;
      p.depth = depth;
      p.left = left.data();
      p.row_stride = stride;
      p.right = right.data() + panel * depth * kPanelRows;
      p.out = out.data() + panel * kPanelRows;
      p.out_stride = panels * kPanelRows;
      way.product(p);
    }
    return out;
  }

  // `count` rows. The depth in two parts, the first of which ends at `cut`.
  std::vector<float> apart(const Way& way, std::size_t row, std::size_t count, std::size_t cut) const {
    std::vector<float> out(count * panels * kPanelRows);
    FewRowsProduct p;
    p.rows = count;
    p.left = left.data() + row * stride;
    p.row_stride = stride;
    p.right = reinterpret_cast<const std::byte*>(right.data());
    p.right_stride = depth * kPanelRows * sizeof(Bf16);
    p.panels = panels;
    p.out = out.data();
    p.out_stride = panels * kPanelRows;
    p.depth = cut;
    if (cut > 0) way.few_rows(p);
    p.left += cut;
    p.right += cut * kPanelRows * sizeof(Bf16);
    p.depth = depth - cut;
    p.accumulate = cut > 0;
    if (cut < depth) way.few_rows(p);
    return out;
  }

  std::size_t rows, panels, depth, stride;
  std::vector<Bf16> right, left;
};

TEST(Bf16Dot, FewRows_EqualManyToTheBit) {
  for (const Way& way : all_ways()) {
    for (const std::size_t depth : {2, 4, 30, 32, 34, 62, 64, 66, 128, 190, 514, 1026}) {
      for (const std::size_t panels : {1, 2, 3, 7}) {
        const Rows problem(depth > 200 ? 4 : 18, panels, depth);
        const auto together = problem.together(way);
        for (const std::size_t count : {1, 2, 3, 16}) {
          if (count > way.most_rows || count > problem.rows) continue;
          for (std::size_t row = 0; row + count <= problem.rows; row += count) {
            const std::vector<float> expected(together.begin() + row * panels * kPanelRows,
                                              together.begin() + (row + count) * panels * kPanelRows);
            const auto few = problem.apart(way, row, count, 0);
            EXPECT_EQ(few, expected) << way.name << ", depth " << depth << ", row " << row;
            if (depth < 64) continue;
            EXPECT_EQ(problem.apart(way, row, count, 64), expected) << way.name << " in two parts, depth " << depth;
          }
        }
      }
    }
  }
}

// Attention multiplies a row alone by the keys it sees, and in a block with zeros for those it does not.
TEST(Bf16Dot, ZerosBehindARow_ChangeNoBit) {
  Rng rng(5);
  for (const Way& way : all_ways()) {
    for (int round = 0; round < 40; ++round) {
      const std::size_t depth = 2 * (1 + rng.below(80)), more = 2 * rng.below(60);
      Rows wide(3, 2, depth + more);
      for (std::size_t row = 0; row < wide.rows; ++row) {
        std::fill(wide.left.begin() + row * wide.stride + depth, wide.left.begin() + (row + 1) * wide.stride, Bf16{});
      }
      Rows narrow(3, 2, depth);
      for (std::size_t row = 0; row < wide.rows; ++row) {
        std::copy_n(wide.left.begin() + row * wide.stride, depth, narrow.left.begin() + row * narrow.stride);
      }
      for (std::size_t panel = 0; panel < 2; ++panel) {
        std::copy_n(wide.right.begin() + panel * wide.depth * kPanelRows, depth * kPanelRows,
                    narrow.right.begin() + panel * depth * kPanelRows);
      }
      EXPECT_EQ(wide.together(way), narrow.together(way)) << way.name << " " << depth << " + " << more;
      EXPECT_EQ(wide.apart(way, 1, 1, 0), narrow.apart(way, 1, 1, 0)) << way.name << " " << depth << " + " << more;
    }
  }
}

TEST(TileDot, PlainTwin_HasTheProcessorsBits) {
  if (bf16_dot(Isa::kAmx) == nullptr) GTEST_SKIP() << "this CPU has no tiles";
  for (const float reach : {1.0F, 1e15F, 1e-19F}) {
    for (const std::size_t depth : {2, 32, 70, 300}) {
      const Rows problem(17, 2, depth, reach);
      EXPECT_EQ(problem.together(plain_tiles()), problem.together(processor_ways().back())) << reach << " " << depth;
    }
  }
}

}  // namespace
}  // namespace continuo::kernels
