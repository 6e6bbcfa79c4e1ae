#include "rewrite_bars.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "../unmasking/block_writer.h"

namespace continuo::generate {
namespace {

// What a rewritten bar keeps: its bar line, meter and tempo. Masks replace the rest.
std::vector<TokenId> mask_bar(BlockWriter& writer, std::span<const TokenId> original) {
  const TokenFacts& facts = writer.request().facts;
  std::vector<TokenId> bar;
  const auto sets_timing = [&](std::size_t i) { return i < original.size() && facts.of(original[i]).sets_timing; };
  std::size_t at = 0;
  // In some tokenisations the first bar has no bar line.
  if (original.empty() || facts.begins_bar(original[0])) {
    const bool keeps = sets_timing(0) && !facts.of(original[0]).part_of_note;
    bar.push_back(keeps ? original[0] : facts.bar_token());
    at = original.empty() ? 0 : 1;
  }
  // A tempo comes after its position.
  for (; sets_timing(at) || sets_timing(at + 1); ++at) bar.push_back(original[at]);
  const int tokens = static_cast<int>(original.size() - at);
  const int masks = tokens > 0 ? writer.draw_budget_near(tokens) : writer.draw_budget();
  bar.insert(bar.end(), static_cast<std::size_t>(masks), tokens::kMask);
  return bar;
}

// The bars that wait to be rewritten, with their masks, cut to half a context each.
class MaskedBars {
 public:
  MaskedBars(const BlockWriter& writer, std::vector<std::vector<TokenId>> bars) : bars_(std::move(bars)) {
    for (auto& bar : bars_) {
      if (bar.size() > writer.context_length() / 2) bar.resize(writer.context_length() / 2);
      waiting_ += bar.size();
    }
  }

  std::size_t size() const { return bars_.size(); }
  std::size_t taken() const { return taken_; }
  bool empty() const { return taken_ == bars_.size(); }
  // Tokens of the bars that are not taken yet.
  std::size_t waiting() const { return waiting_; }

  // The next bars that fit `room`, at least one.
  std::vector<TokenId> take(std::size_t room) {
    std::vector<TokenId> slots;
    while (!empty() && (slots.empty() || slots.size() + bars_[taken_].size() <= room)) {
      const auto& bar = bars_[taken_++];
      slots.insert(slots.end(), bar.begin(), bar.end());
      waiting_ -= bar.size();
    }
    return slots;
  }

 private:
  std::vector<std::vector<TokenId>> bars_;
  std::size_t taken_ = 0, waiting_ = 0;
};

// The left context is the new music so far; the right one is the primer's music `after` the last bar. While bars are
// left for a later block, what follows the block is old music that will be replaced, so it is no context: only the last
// block sees `after`. `more_slots`: of each block; 0: it has to leave nothing open.
Status rewrite(BlockWriter& writer, MaskedBars bars, std::span<const TokenId> after, int more_slots) {
  const std::size_t context = writer.context_length();
  const std::size_t around = context - std::min(bars.waiting(), context / 2);
  while (!bars.empty()) {
    const bool is_last = bars.waiting() <= context / 2;
    const std::size_t right = is_last ? std::min(after.size(), around / 2) : 0;
    MaskedBlock block{.left = writer.history().context(std::max<std::size_t>(2, around - right)),
                      .right = {after.begin(), after.begin() + std::ptrdiff_t(right)},
                      .rules = {.allow_bars = false, .allow_timing = false},
                      .more_slots = more_slots};
    block.slots = bars.take(context - block.left.tokens.size() - right);
    CONTINUO_TRY(writer.append(block));
    writer.report(bars.taken(), bars.size());
  }
  return writer.finish();
}

}  // namespace

Status rewrite_bars(const Request& request, std::span<const TokenId> primer, TokenBars bars, std::uint64_t seed,
                    History& history) {
  const auto starts = request.composer.tokenizer->bar_starts(primer);
  const auto bar_at = [&](std::size_t index) { return index < starts.size() ? starts[index] : primer.size(); };
  CONTINUO_TRY(history.append(primer.first(bar_at(bars.begin))));
  for (std::size_t bar = starts.size(); bar < bars.begin; ++bar)
    CONTINUO_TRY(history.append(std::vector<TokenId>{request.facts.bar_token()}));
  BlockWriter writer(request, seed, history);
  std::vector<std::vector<TokenId>> masked;
  for (std::size_t bar = bars.begin; bar < bars.end; ++bar)
    masked.push_back(mask_bar(writer, primer.subspan(bar_at(bar), bar_at(bar + 1) - bar_at(bar))));
  return rewrite(writer, MaskedBars(writer, std::move(masked)), primer.subspan(bar_at(bars.end)), 0);
}

// What follows a step does not depend on what it leaves open, so no block has to close anything.
Status fill_in_steps(const Request& request, std::vector<std::vector<TokenId>> steps, std::span<const TokenId> after,
                     std::uint64_t seed, History& history) {
  BlockWriter writer(request, seed, history);
  return rewrite(writer, MaskedBars(writer, std::move(steps)), after, kUnlimited);
}

Status rewrite_steps(const Request& request, std::span<const TokenId> primer, TokenRange steps, std::uint64_t seed,
                     History& history) {
  CONTINUO_TRY(history.append(primer.first(steps.begin)));
  const auto per_step = std::size_t(history.meter()->position_range().slots);
  std::vector<std::vector<TokenId>> masked((steps.end - steps.begin) / per_step);
  for (auto& step : masked) step.assign(per_step, tokens::kMask);
  return fill_in_steps(request, std::move(masked), primer.subspan(std::min(steps.end, primer.size())), seed, history);
}

}  // namespace continuo::generate
