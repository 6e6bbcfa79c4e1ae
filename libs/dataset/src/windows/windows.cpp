#include "continuo/dataset/windows.h"

#include <algorithm>

#include "continuo/base/rng.h"
#include "continuo/tokens/vocabulary.h"

#include "windows/permutation.h"

namespace continuo::dataset {
namespace {

// A piece longer than a window gets at least this part of a window as room to move its cuts.
constexpr std::uint64_t kRoomDivisor = 4;
constexpr std::uint64_t kJoinStream = 0x6a6f696e;  // keeps the order of packing apart from other draws of the seed
constexpr std::uint64_t kTaskStream = 0x7461736b;  // likewise those of tasks

std::uint64_t windows_for(std::uint64_t targets, const WindowOptions& options) {
  const auto context = std::uint64_t(options.context_length);
  if (targets <= context) return targets > 0 ? 1 : 0;
  const bool moves = options.order == WindowOrder::kShuffled && options.memory_length == 0;
  const std::uint64_t room = moves ? context / kRoomDivisor : 0;
  return (targets + room + context - 1) / context;
}

// How many targets the first window of a cut piece lacks; what it lacks, the last one has.
std::uint64_t draw_shift(std::uint64_t targets, std::uint64_t windows, std::uint64_t context, std::uint64_t seed) {
  const std::uint64_t slack = windows * context - targets;
  const std::uint64_t most = std::min(slack, context - 1);
  const std::uint64_t least = slack - std::min(slack, context - 1);
  return least + Rng(seed).below(most - least + 1);
}

}  // namespace

WindowBatches::WindowBatches(const TokenSequences& sequences, const WindowOptions& options)
    : sequences_(sequences), options_(options) {
  if (packed()) join_pieces();
  const std::size_t runs = packed() ? 1 : sequences.pieces();
  first_window_.reserve(runs + 1);
  if (options_.memory_length > 0 && !packed() && options_.order == WindowOrder::kShuffled) {
    for (std::size_t i = 0; i < runs; ++i) {
      runs_.push_back(std::uint32_t(permute(i, runs, mix_seed(options_.seed, kJoinStream))));
    }
  }
  first_window_.push_back(0);
  for (std::size_t i = 0; i < runs; ++i) {
    const std::size_t run = runs_.empty() ? i : runs_[i];
    first_window_.push_back(first_window_.back() + windows_for(targets_in(run), options_));
  }
  if (options_.memory_length > 0) lay_out_stretches();
  for (std::size_t piece = 0; piece < sequences.pieces(); ++piece) {
    const std::size_t length = sequences.piece(piece).size();
    targets_per_epoch_ += length > 0 ? length - ahead() : 0;
  }
}

void WindowBatches::lay_out_stretches() {
  const auto rows = std::uint64_t(options_.batch_size);
  for (std::uint64_t row = 0; row <= rows; ++row) {
    const std::uint64_t begin = row * windows() / rows;
    const bool anywhere = options_.order == WindowOrder::kShuffled;
    stretches_.push_back(anywhere ? begin : *std::lower_bound(first_window_.begin(), first_window_.end(), begin));
  }
}

void WindowBatches::join_pieces() {
  const std::size_t pieces = sequences_.pieces();
  const bool shuffled = options_.order == WindowOrder::kShuffled && pieces > 0;
  joined_begin_.push_back(0);
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::uint64_t piece = shuffled ? permute(i, pieces, mix_seed(options_.seed, kJoinStream)) : i;
    order_.push_back(std::uint32_t(piece));
    joined_begin_.push_back(joined_begin_.back() + sequences_.piece(piece).size());
  }
}

std::uint64_t WindowBatches::tokens_in(std::size_t run) const {
  return packed() ? joined_begin_.back() : sequences_.piece(run).size();
}

std::uint64_t WindowBatches::targets_in(std::size_t run) const {
  const std::uint64_t length = tokens_in(run);
  return length > 0 ? length - ahead() : 0;
}

std::uint64_t WindowBatches::batches_per_epoch() const {
  const auto size = std::uint64_t(options_.batch_size);
  if (options_.memory_length == 0) return (windows() + size - 1) / size;
  std::uint64_t longest = 0;
  for (std::size_t row = 0; row < size; ++row) longest = std::max(longest, stretches_[row + 1] - stretches_[row]);
  return longest;
}

std::optional<WindowBatches::Turn> WindowBatches::turn_of_reader(std::uint64_t step, int row) const {
  const bool shuffled = options_.order == WindowOrder::kShuffled;
  const std::uint64_t steps = batches_per_epoch(), read = step % steps;
  Turn turn = {.epoch = step / steps, .read_before = read};
  const std::uint64_t at = stretches_[std::size_t(row)] + read;
  if (at >= stretches_[std::size_t(row) + 1] || (!shuffled && turn.epoch > 0)) return std::nullopt;
  const std::uint64_t start = shuffled ? Rng(mix_seed(options_.seed, turn.epoch)).below(windows()) : 0;
  turn.index = (at + start) % windows();
  return turn;
}

std::optional<WindowBatches::Turn> WindowBatches::turn(std::uint64_t step, int row) const {
  if (windows() == 0) return std::nullopt;
  if (options_.memory_length > 0) return turn_of_reader(step, row);
  const bool shuffled = options_.order == WindowOrder::kShuffled;
  const std::uint64_t number = step * std::uint64_t(options_.batch_size) + std::uint64_t(row);
  if (!shuffled) return number < windows() ? std::optional(Turn{.index = number}) : std::nullopt;
  const std::uint64_t epoch = number / windows(), seed = mix_seed(mix_seed(options_.seed, epoch), 0);
  return Turn{.epoch = epoch, .index = permute(number % windows(), windows(), seed)};
}

WindowBatches::Cut WindowBatches::cut(std::uint64_t step, int row) const {
  const auto turn = this->turn(step, row);
  if (!turn) return {};
  const auto after = std::upper_bound(first_window_.begin(), first_window_.end(), turn->index);
  const auto place = std::size_t(after - first_window_.begin()) - 1;
  const std::size_t run = runs_.empty() ? place : runs_[place];
  const std::uint64_t targets = targets_in(run), number = turn->index - first_window_[place];
  const std::uint64_t count = first_window_[place + 1] - first_window_[place];
  const auto context = std::uint64_t(options_.context_length), memory = std::uint64_t(options_.memory_length);
  std::uint64_t shift = 0;
  if (options_.order == WindowOrder::kShuffled && memory == 0 && count > 1) {
    shift = draw_shift(targets, count, context, mix_seed(mix_seed(options_.seed, turn->epoch), run + 1));
  }

  const std::uint64_t nominal = number * context;
  const std::uint64_t begin = nominal > shift ? nominal - shift : 0;
  const std::uint64_t end = std::min(nominal + context - shift, targets);
  const std::uint64_t read = std::min(number, turn->read_before) * context;
  return {.run = run, .begin = begin, .length = end - begin, .remembered = std::min(read, memory)};
}

WindowBatches::Window WindowBatches::window(std::uint64_t step, int row) const {
  const Cut from = cut(step, row);
  if (!packed() || from.length == 0)
    return {.piece = from.run, .begin = std::size_t(from.begin), .length = std::size_t(from.length)};
  const auto after = std::upper_bound(joined_begin_.begin(), joined_begin_.end(), from.begin);
  const auto place = std::size_t(after - joined_begin_.begin()) - 1;
  return {.piece = order_[place],
          .begin = std::size_t(from.begin - joined_begin_[place]),
          .length = std::size_t(from.length)};
}

void WindowBatches::copy_inputs(std::span<const std::uint16_t> piece, std::size_t begin, std::size_t count,
                                std::size_t at, const WindowRows& row) const {
  std::copy_n(piece.begin() + std::ptrdiff_t(begin), count, row.inputs.begin() + std::ptrdiff_t(at));
  if (!row.places.empty()) options_.places->read(piece, begin, row.places.subspan(at, count));
}

WindowBatches::Filled WindowBatches::fill_sequence(const WindowTasks::Sequence& sequence, const WindowRows& row) const {
  Filled filled;
  filled.inputs = sequence.tokens.size() - 1;
  for (std::size_t i = 0; i < filled.inputs; ++i) {
    row.inputs[i] = sequence.tokens[i];
    row.targets[i] = sequence.counts[i + 1] ? std::int64_t{sequence.tokens[i + 1]} : kIgnore;
    filled.counted += sequence.counts[i + 1];
  }
  if (row.places.empty()) return filled;
  const std::vector<std::uint16_t> tokens(sequence.tokens.begin(), sequence.tokens.end());
  options_.places->read(tokens, 0, row.places.first(filled.inputs));
  return filled;
}

// `number`: of the row among all of the run, for its draws.
WindowBatches::Filled WindowBatches::fill_row(const Cut& from, std::uint64_t number, const WindowRows& row) const {
  if (from.length == 0) return {};
  const auto piece = sequences_.piece(from.run);
  if (options_.tasks) {
    const Rng rng(mix_seed(mix_seed(options_.seed, kTaskStream), number));
    const auto window = piece.subspan(from.begin, from.length + ahead());
    if (const auto sequence = options_.tasks->rearranged(window, std::size_t(options_.context_length), rng))
      return fill_sequence(*sequence, row);
  }
  copy_inputs(piece, from.begin, from.length, 0, row);
  std::copy_n(piece.begin() + std::ptrdiff_t(from.begin + ahead()), from.length, row.targets.begin());
  return {from.length, from.length};
}

WindowBatches::Filled WindowBatches::fill_packed_row(const Cut& from, const WindowRows& row) const {
  const auto after = std::upper_bound(joined_begin_.begin(), joined_begin_.end(), from.begin);
  auto place = std::size_t(after - joined_begin_.begin()) - 1;
  std::uint64_t counted = 0;
  for (std::uint64_t done = 0; done < from.length; ++place) {
    const auto piece = sequences_.piece(order_[place]);
    const std::uint64_t begin = from.begin + done - joined_begin_[place];
    const std::uint64_t count = std::min<std::uint64_t>(piece.size() - begin, from.length - done);
    copy_inputs(piece, begin, count, done, row);
    const std::uint64_t with_target = std::min<std::uint64_t>(count, piece.size() - begin - ahead());
    const auto targets = row.targets.begin() + std::ptrdiff_t(done);
    std::copy_n(piece.begin() + std::ptrdiff_t(begin + ahead()), with_target, targets);
    std::fill_n(targets + std::ptrdiff_t(with_target), count - with_target, kIgnore);
    counted += with_target;
    done += count;
  }
  return {from.length, counted};
}

std::uint64_t WindowBatches::batch(std::uint64_t step, const WindowRows& rows) const {
  std::uint64_t counted = 0;
  for (int number = 0; number < options_.batch_size; ++number) {
    const Cut from = cut(step, number);
    const WindowRows row = rows.row(std::size_t(number), std::size_t(options_.context_length));
    const std::uint64_t row_number = step * std::uint64_t(options_.batch_size) + std::uint64_t(number);
    const Filled filled = packed() && from.length > 0 ? fill_packed_row(from, row) : fill_row(from, row_number, row);
    counted += filled.counted;
    const auto padding = std::ptrdiff_t(filled.inputs);
    std::fill(row.inputs.begin() + padding, row.inputs.end(), std::int64_t{tokens::kPad});
    std::fill(row.targets.begin() + padding, row.targets.end(), kIgnore);
    if (!row.places.empty()) std::fill(row.places.begin() + padding, row.places.end(), MusicalPlace{});
    if (!row.lengths.empty()) row.lengths[0] = std::int64_t(filled.inputs);
    if (!row.remembered.empty()) row.remembered[0] = std::int64_t(from.remembered);
  }
  return counted;
}

}  // namespace continuo::dataset
