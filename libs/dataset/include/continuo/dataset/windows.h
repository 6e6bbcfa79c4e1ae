#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "continuo/base/musical_place.h"
#include "continuo/dataset/dataset.h"
#include "continuo/dataset/musical_places.h"
#include "continuo/dataset/window_tasks.h"

namespace continuo::dataset {

// A target that no loss may count: padding after a window, or a row that does not exist.
inline constexpr std::int64_t kIgnore = -1;

enum class WindowOrder {
  kShuffled,  // training: shuffled and cut elsewhere in each epoch; batches run on across epochs without end
  kInOrder,   // evaluation: piece after piece, cut from the front; rows after the last window are empty
};

enum class WindowTargets {
  kNextToken,  // targets[i] is the token that follows inputs[i]
  kSameToken,  // targets[i] == inputs[i], EOS included; for models that mask their inputs themselves
};

enum class WindowPacking {
  kOnePiece,  // a window never crosses pieces; what a piece does not fill is padding
  kPacked,    // pieces follow each other in a window, separated by EOS and BOS; hardly any padding
};

struct WindowOptions {
  int context_length = 512;  // Range: 1 upwards
  int batch_size = 8;        // Range: 1 upwards
  std::uint64_t seed = 0;    // of shuffling and cuts
  WindowOrder order = WindowOrder::kShuffled;
  WindowTargets targets = WindowTargets::kNextToken;
  WindowPacking packing = WindowPacking::kOnePiece;
  // Tokens before a window that the model remembers from earlier batches. Above 0, each row reads on where the same row
  // of the batch before ended; see WindowBatches.
  int memory_length = 0;
  std::shared_ptr<const MusicalPlaces> places = nullptr;  // of the tokenisation, for models that are given them
  // Rearranges some windows. Requires: kShuffled, kNextToken, kOnePiece, no memory.
  std::shared_ptr<const WindowTasks> tasks = nullptr;
};

// The rows of a batch, row-major, where batch() writes them.
// Shape: inputs, targets [batch_size, context_length]; lengths [batch_size] or empty; places like inputs, or empty.
struct WindowRows {
  std::span<std::int64_t> inputs, targets;
  std::span<std::int64_t> lengths = {};
  // Of the token after each input; that of the token of padding is the first. Requires: WindowOptions::places.
  std::span<MusicalPlace> places = {};
  // How many of the memory_length tokens before its window a row read in the batches before. Shape: [batch_size].
  std::span<std::int64_t> remembered = {};

  // Of `width` tokens each.
  WindowRows row(std::size_t number, std::size_t width) const {
    return {inputs.subspan(number * width, width), targets.subspan(number * width, width),
            lengths.empty() ? lengths : lengths.subspan(number, 1),
            places.empty() ? places : places.subspan(number * width, width),
            remembered.empty() ? remembered : remembered.subspan(number, 1)};
  }
};

// Cuts the pieces of a split into windows of at most context_length tokens and deals them out in batches.
//
// Unless packed, a window never crosses pieces. In each epoch every target of every piece is dealt exactly once. A
// piece that fits into one window is never cut; a longer one is cut at places drawn for each (epoch, piece), which
// leaves its first and last window shorter than the others. The number of windows is the same in every epoch.
//
// Packed, all pieces make one sequence, in an order that the seed names (in their own, in order kInOrder), which is cut
// like one long piece. The BOS after another piece's EOS is an input, but no target of kNextToken: so the targets are
// the same as those of single pieces. A model sees the end of the piece before, as in any packing without a mask.
//
// With a memory, rows are readers. All windows of an epoch make one sequence, piece after piece (shuffled once, by the
// seed), in which each row reads a stretch of its own, one window a batch. Windows are whole but for the last one of a
// piece: where they are cut decides how far gradients go, not what a token sees. In training epochs begin elsewhere
// in the sequence, and a row whose stretch begins within a piece remembers nothing of what is before; in order kInOrder
// stretches begin with pieces. A row that has read its stretch is empty until the epoch ends.
//
// With tasks, a window that is rearranged may lose its first and last tokens, and gains task words.
//
// What a batch holds depends on (sequences, options, step) alone: to resume, ask for the next step. Immutable
// and thread-safe. Memory: 8 bytes a piece, packed or with a memory 12. With several ranks, step * ranks + rank.
class WindowBatches {
 public:
  // Requires: options within their ranges; `sequences` outlives this.
  WindowBatches(const TokenSequences& sequences, const WindowOptions& options);

  const WindowOptions& options() const { return options_; }
  // Of one epoch. 0 when the split has no piece (batch() then gives empty rows).
  std::uint64_t windows() const { return first_window_.back(); }
  // windows() / batch_size, rounded up; with a memory, in order kInOrder, the windows of the longest stretch. Without
  // one, in shuffled order the last batch of an epoch is filled from the next
  // epoch.
  std::uint64_t batches_per_epoch() const;
  // Targets that count, in one epoch.
  std::uint64_t targets_per_epoch() const { return targets_per_epoch_; }

  // Writes the batch number `step`, counted from 0 over all epochs, and returns how many of its targets count.
  // Behind a row's end inputs are PAD and targets kIgnore. In order kInOrder, steps from batches_per_epoch() on
  // are empty. Requires: the rows have the sizes that they are documented with.
  std::uint64_t batch(std::uint64_t step, const WindowRows& rows) const;

  // Where a row of a batch comes from: tokens [begin, begin + length) of `piece` are its inputs; packed, of it and
  // those that follow. Length 0: no such row.
  struct Window {
    std::size_t piece = 0, begin = 0, length = 0;
  };
  Window window(std::uint64_t step, int row) const;

 private:
  // What is cut: one piece, or all of them joined.
  struct Cut {
    std::size_t run = 0;
    std::uint64_t begin = 0, length = 0;
    std::uint64_t remembered = 0;
  };
  // A window in the sequence of an epoch, and how many windows its row has read before, one after the other.
  struct Turn {
    std::uint64_t epoch = 0, index = 0, read_before = 0;
  };
  std::optional<Turn> turn(std::uint64_t step, int row) const;
  std::optional<Turn> turn_of_reader(std::uint64_t step, int row) const;
  void lay_out_stretches();
  Cut cut(std::uint64_t step, int row) const;
  std::uint64_t tokens_in(std::size_t run) const;
  std::uint64_t targets_in(std::size_t run) const;
  bool packed() const { return options_.packing == WindowPacking::kPacked; }
  void join_pieces();
  // How many inputs were written, and how many of their targets count.
  struct Filled {
    std::uint64_t inputs = 0, counted = 0;
  };
  Filled fill_row(const Cut& from, std::uint64_t number, const WindowRows& row) const;
  Filled fill_packed_row(const Cut& from, const WindowRows& row) const;
  Filled fill_sequence(const WindowTasks::Sequence& sequence, const WindowRows& row) const;
  // Inputs [at, at + count) of a row are tokens of `piece` from `begin` on.
  void copy_inputs(std::span<const std::uint16_t> piece, std::size_t begin, std::size_t count, std::size_t at,
                   const WindowRows& row) const;
  std::size_t ahead() const { return options_.targets == WindowTargets::kNextToken ? 1 : 0; }

  const TokenSequences& sequences_;
  WindowOptions options_;
  std::vector<std::uint32_t> runs_;          // with a memory: in the order of the sequence; empty: as they are
  std::vector<std::uint64_t> first_window_;  // of each run in that order; one more entry holds the total
  std::vector<std::uint64_t> stretches_;     // with a memory: where that of each row begins; one more holds the total
  std::vector<std::uint32_t> order_;         // packed: pieces as they follow each other ...
  std::vector<std::uint64_t> joined_begin_;  // ... and where each begins; one more entry holds the end
  std::uint64_t targets_per_epoch_ = 0;
};

}  // namespace continuo::dataset
