#include "continuo/dataset/windows.h"

#include <algorithm>
#include <bit>

#include "continuo/base/rng.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::dataset {
namespace {

// A piece longer than a window gets at least this part of a window as room to move its cuts.
constexpr std::uint64_t kRoomDivisor = 4;

std::uint64_t windows_for(std::uint64_t targets, const WindowOptions& options) {
  const auto context = std::uint64_t(options.context_length);
  if (targets <= context) return targets > 0 ? 1 : 0;
  const std::uint64_t room = options.order == WindowOrder::kShuffled ? context / kRoomDivisor : 0;
  return (targets + room + context - 1) / context;
}

// How many targets the first window of a cut piece lacks; what it lacks, the last one has.
std::uint64_t draw_shift(std::uint64_t targets, std::uint64_t windows, std::uint64_t context, std::uint64_t seed) {
  const std::uint64_t slack = windows * context - targets;
  const std::uint64_t most = std::min(slack, context - 1);
  const std::uint64_t least = slack - std::min(slack, context - 1);
  return least + Rng(seed).below(most - least + 1);
}

// The image of `index` under a permutation of [0, count) that `seed` names: a Feistel network over the next
// even number of bits, walked until it lands inside. Source: Black and Rogaway, "Ciphers with arbitrary finite
// domains", CT-RSA 2002. It needs no table, so any step can be asked for at once.
std::uint64_t permute(std::uint64_t index, std::uint64_t count, std::uint64_t seed) {
  constexpr int kRounds = 6;
  const int half = std::max(1, (int(std::bit_width(count - 1)) + 1) / 2);
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  do {
    std::uint64_t left = index >> half, right = index & mask;
    for (int round = 0; round < kRounds; ++round) {
      const std::uint64_t mixed = mix_seed(seed + std::uint64_t(round), right);
      left = std::exchange(right, left ^ (mixed & mask));
    }
    index = (left << half) | right;
  } while (index >= count);
  return index;
}

}  // namespace

WindowBatches::WindowBatches(const TokenSequences& sequences, WindowOptions options)
    : sequences_(sequences), options_(options) {
  first_window_.reserve(sequences.pieces() + 1);
  first_window_.push_back(0);
  for (std::size_t piece = 0; piece < sequences.pieces(); ++piece) {
    const std::uint64_t targets = targets_in(piece);
    first_window_.push_back(first_window_.back() + windows_for(targets, options_));
    targets_per_epoch_ += targets;
  }
}

std::size_t WindowBatches::targets_in(std::size_t piece) const {
  const std::size_t length = sequences_.piece(piece).size();
  if (options_.targets == WindowTargets::kSameToken) return length;
  return length > 0 ? length - 1 : 0;
}

std::uint64_t WindowBatches::batches_per_epoch() const {
  const auto size = std::uint64_t(options_.batch_size);
  return (windows() + size - 1) / size;
}

WindowBatches::Window WindowBatches::window(std::uint64_t step, int row) const {
  const bool shuffled = options_.order == WindowOrder::kShuffled;
  const std::uint64_t number = step * std::uint64_t(options_.batch_size) + std::uint64_t(row);
  if (windows() == 0 || (!shuffled && number >= windows())) return {};
  const std::uint64_t epoch_seed = mix_seed(options_.seed, number / windows());
  const std::uint64_t index = shuffled ? permute(number % windows(), windows(), mix_seed(epoch_seed, 0)) : number;

  const auto after = std::upper_bound(first_window_.begin(), first_window_.end(), index);
  const auto piece = std::size_t(after - first_window_.begin()) - 1;
  const std::uint64_t targets = targets_in(piece);
  const std::uint64_t count = first_window_[piece + 1] - first_window_[piece];
  const auto context = std::uint64_t(options_.context_length);
  std::uint64_t shift = 0;
  if (shuffled && count > 1) shift = draw_shift(targets, count, context, mix_seed(epoch_seed, piece + 1));

  const std::uint64_t nominal = (index - first_window_[piece]) * context;
  const std::uint64_t begin = nominal > shift ? nominal - shift : 0;
  const std::uint64_t end = std::min(nominal + context - shift, targets);
  return {.piece = piece, .begin = std::size_t(begin), .length = std::size_t(end - begin)};
}

std::uint64_t WindowBatches::batch(std::uint64_t step, std::span<std::int64_t> inputs, std::span<std::int64_t> targets,
                                   std::span<std::int64_t> lengths) const {
  const auto context = std::size_t(options_.context_length);
  const std::size_t ahead = options_.targets == WindowTargets::kNextToken ? 1 : 0;
  std::uint64_t counted = 0;
  for (int row = 0; row < options_.batch_size; ++row) {
    const Window from = window(step, row);
    const auto input_row = inputs.subspan(std::size_t(row) * context, context);
    const auto target_row = targets.subspan(std::size_t(row) * context, context);
    if (from.length > 0) {
      const auto tokens = sequences_.piece(from.piece);
      std::copy_n(tokens.begin() + std::ptrdiff_t(from.begin), from.length, input_row.begin());
      std::copy_n(tokens.begin() + std::ptrdiff_t(from.begin + ahead), from.length, target_row.begin());
    }
    std::fill(input_row.begin() + std::ptrdiff_t(from.length), input_row.end(), std::int64_t{tokens::kPad});
    std::fill(target_row.begin() + std::ptrdiff_t(from.length), target_row.end(), kIgnore);
    if (!lengths.empty()) lengths[std::size_t(row)] = std::int64_t(from.length);
    counted += from.length;
  }
  return counted;
}

}  // namespace continuo::dataset
