#pragma once

#include <algorithm>
#include <cstddef>

#include "continuo/base/thread_pool.h"
#include "continuo/kernels/linear.h"

namespace continuo::engine {

// The threads that go through one pass of a model. A pass is a sequence of steps, each of which is done when all of its
// pieces are; between them the calling thread is alone.
class Workers {
 public:
  // As many threads of the pool as are worth waking for a pass that reads `weight_bytes` for each of `rows` tokens.
  Workers(ThreadPool& pool, std::size_t weight_bytes, std::size_t rows)
      : pool_(pool),
        count_(static_cast<int>(std::clamp<std::size_t>(weight_bytes * rows / kBytesPerThread, 1,
                                                        static_cast<std::size_t>(pool.threads())))) {}

  // Calls work(begin, end, worker) for ranges that cover [0, units). Ranges are multiples of `least`, and a few for each
  // worker, so that one that comes late leaves something to take over.
  template <typename Work>
  void share(std::size_t units, std::size_t least, const Work& work) const {
    const std::size_t blocks = (units + least - 1) / least;
    const std::size_t pieces = std::min(blocks, count_ == 1 ? 1 : kPiecesPerWorker * static_cast<std::size_t>(count_));
    pool_.share(
        pieces,
        [&](std::size_t piece, int worker) {
          work(blocks * piece / pieces * least, std::min(units, blocks * (piece + 1) / pieces * least), worker);
        },
        count_);
  }

 private:
  // A thread's wake-up takes as long as reading about this much from the cache.
  static constexpr std::size_t kBytesPerThread = std::size_t{1} << 20;
  static constexpr std::size_t kPiecesPerWorker = 4;

  ThreadPool& pool_;
  int count_;
};

// Panels that are worth a piece of their own: reading less from the cache costs no more than taking a piece.
inline std::size_t panels_of_a_piece(const kernels::PackedMatrix& matrix) {
  constexpr std::size_t kBytes = 96 * 1024;
  const std::size_t panels = kBytes / kernels::panel_bytes(matrix.precision(), matrix.columns());
  return std::max(kernels::kPanelsSideBySide, panels / kernels::kPanelsSideBySide * kernels::kPanelsSideBySide);
}

// Memory for the input of one product, converted once for all of its pieces.
class PreparedInput {
 public:
  // Room for `rows` rows of up to `depth` numbers.
  PreparedInput(kernels::Precision weights, std::size_t rows, std::size_t depth)
      : memory_((kernels::prepared_left_bytes(weights, rows, depth) + sizeof(float) - 1) / sizeof(float)) {}

  // What LinearCall::prepared is to be for this input. Valid until the next call.
  const std::byte* of(const kernels::PackedMatrix& matrix, kernels::ConstRows input, std::size_t rows,
                      const Workers& workers) noexcept {
    const kernels::Precision weights = matrix.precision();
    const std::size_t depth = matrix.columns();
    if (kernels::prepared_left_bytes(weights, rows, depth) == 0) return nullptr;
    auto* memory = reinterpret_cast<std::byte*>(memory_.data());
    workers.share(rows, kRowsOfAPiece, [&](std::size_t begin, std::size_t end, int) {
      kernels::prepare_left(weights, depth, input, begin, end - begin, memory);
    });
    return memory;
  }

 private:
  static constexpr std::size_t kRowsOfAPiece = 16;
  kernels::AlignedFloats memory_;
};

}  // namespace continuo::engine
