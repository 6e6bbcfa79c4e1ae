#include "fitness.h"

#include <algorithm>
#include <cmath>

namespace continuo::metrics {
namespace {

constexpr double kTiny = 1e-16;  // in the place of a division by zero

}  // namespace

PassageFitness::PassageFitness(const SimilarityMatrix& similarity)
    : similarity_(similarity),
      sums_(similarity.size() * (similarity.size() + 1)),
      none_(similarity.size() + 1, -INFINITY) {}

void PassageFitness::add_up(std::size_t start, std::size_t length) {
  double* first = sums(0);
  std::fill_n(first, length + 1, -INFINITY);
  first[0] = 0;
  first[1] = similarity_.row(0)[start];
  for (std::size_t row = 1; row < similarity_.size(); ++row) {
    const double *similar = similarity_.row(row).data() + start - 1, *above = sums(row - 1);
    const double* above_that = row > 1 ? sums(row - 2) : none_.data();
    double* own = sums(row);
    own[0] = std::max(above[0], above[length]);
    own[1] = own[0] + similar[1];
    for (std::size_t column = 2; column <= length; ++column)
      own[column] = similar[column] + std::max(std::max(above[column - 1], above[column - 2]), above_that[column - 1]);
  }
}

// In reverse, choosing of equal sums as libfmp does.
PassageFitness::Paths PassageFitness::trace_back(std::size_t length) {
  Paths paths;
  std::size_t row = similarity_.size() - 1, column = 0;
  std::size_t last_row = 0, first_row = 0, cells = 0;  // of the present path
  const auto close = [&] {
    if (cells > 0) paths.covered_rows += last_row - first_row + 1;
    paths.cells += cells;
    cells = 0;
  };
  const auto visit = [&](std::size_t at) {
    if (cells++ == 0) last_row = at;
    first_row = at;
  };
  if (sums(row)[length] >= sums(row)[0]) {
    column = length;
    visit(row);
  }
  while (row > 0 || column > 0) {
    if (row == 0) {
      --column;
    } else if (column == 0) {
      --row;
      if (sums(row)[length] > sums(row)[0]) {
        close();
        column = length;
        visit(row);
      }
    } else if (column == 1) {
      column = 0;
    } else {
      const double diagonal = sums(row - 1)[column - 1];
      const double steep = row > 2 ? sums(row - 2)[column - 1] : -INFINITY;
      const double flat = column > 2 ? sums(row - 1)[column - 2] : -INFINITY;
      const bool is_steep = steep > diagonal, is_flat = flat > std::max(diagonal, steep);
      row -= is_steep && !is_flat ? 2 : 1;
      column -= is_flat ? 2 : 1;
      visit(row);
    }
  }
  close();
  return paths;
}

double PassageFitness::of(std::size_t start, std::size_t length) {
  add_up(start, length);
  const double* last = sums(similarity_.size() - 1);
  const double score = std::max(last[0], last[length]);
  const Paths paths = trace_back(length);
  const double own = double(length);
  const double likeness = (score - own) / (double(paths.cells) + kTiny);
  const double coverage = (double(paths.covered_rows) - own) / (double(similarity_.size()) + kTiny);
  return 2 * likeness * coverage / (likeness + coverage + kTiny);
}

}  // namespace continuo::metrics
