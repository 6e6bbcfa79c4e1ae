#pragma once

#include <vector>

#include "self_similarity.h"

namespace continuo::metrics {

// The fitness of passages: how well what is like them explains the piece. The best paths through the columns of a
// passage, from its first to its last, one after another down the rows of the piece, are found by dynamic programming,
// with steps of one row and column, or of two of either. Column 0 of the sums is outside of all columns: there a path
// ends, rows go by without one, and the next begins.
class PassageFitness {
 public:
  explicit PassageFitness(const SimilarityMatrix& similarity);
  // Of the frames from `start` on. Range: 0 to 1, but for rounding.
  double of(std::size_t start, std::size_t length);

 private:
  struct Paths {
    std::size_t cells = 0, covered_rows = 0;
  };
  double* sums(std::size_t row) { return sums_.data() + row * (similarity_.size() + 1); }
  void add_up(std::size_t start, std::size_t length);
  Paths trace_back(std::size_t length);

  const SimilarityMatrix& similarity_;
  std::vector<double> sums_;
  std::vector<double> none_;  // the sums of a row above the first
};

}  // namespace continuo::metrics
