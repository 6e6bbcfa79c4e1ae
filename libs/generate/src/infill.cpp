#include "infill.h"

#include <algorithm>

#include "closing.h"
#include "mask_plan.h"
#include "unmasking.h"

namespace continuo::generate {
namespace {

class BlockWriter {
 public:
  BlockWriter(const Request& request, History& history)
      : request_(request),
        history_(history),
        first_(history.size()),
        context_(std::size_t(request.composer.model->config().context_length)),
        unmasker_(request, mix_seed(request.options.seed, 0)),
        plan_rng_(mix_seed(request.options.seed, 1)),
        budget_(history.tokens(), request.facts, request.options.sampler.temperature > 0) {}

  Status write_bars();
  Status write_freely();
  Status rewrite(std::span<const std::vector<TokenId>> bars, std::span<const TokenId> after);

 private:
  std::size_t drawn() const { return history_.size() - first_; }
  bool reached() const;
  std::vector<TokenId> new_bar(std::size_t room);
  std::vector<TokenId> plan_bar(std::span<const TokenId> original);
  Status add(const MaskedBlock& block);
  Status cut_at_goal();

  const Request& request_;
  History& history_;
  std::size_t first_;
  std::size_t context_;
  Unmasker unmasker_;
  Rng plan_rng_;
  BarBudget budget_;
};

bool BlockWriter::reached() const {
  if (drawn() >= request_.goal.max_tokens) return true;
  return request_.goal.seconds &&
         history_.seconds() >= request_.start_seconds + *request_.goal.seconds - kTimeTolerance;
}

Status BlockWriter::add(const MaskedBlock& block) {
  CONTINUO_ASSIGN(const std::vector<TokenId> filled, unmasker_.fill(history_.grammar(), block));
  return history_.append(filled);
}

std::vector<TokenId> BlockWriter::new_bar(std::size_t room) {
  std::vector<TokenId> bar{request_.facts.bar_token()};
  const auto budget = std::min(std::size_t(budget_.draw(plan_rng_)), std::max<std::size_t>(room, 2) - 1);
  bar.insert(bar.end(), budget, tokens::kMask);
  return bar;
}

Status BlockWriter::write_bars() {
  std::size_t done = 0;
  while (request_.goal.bars ? done < *request_.goal.bars : !reached()) {
    MaskedBlock block{.left = history_.context(context_ / 2), .rules = {.allow_bars = false, .allow_timing = false}};
    const std::size_t room = context_ - block.left.size() - 1;
    while (!request_.goal.bars || done < *request_.goal.bars) {
      const auto bar = new_bar(room);
      if (!block.slots.empty() && block.slots.size() + bar.size() > room) break;
      block.slots.insert(block.slots.end(), bar.begin(), bar.end());
      ++done;
    }
    if (request_.options.stop_at_end && request_.goal.bars && done == *request_.goal.bars) block.right = {tokens::kEos};
    CONTINUO_TRY(add(block));
    request_.progress.update(done, request_.goal.bars.value_or(0), std::to_string(drawn()) + " tokens");
  }
  return cut_at_goal();
}

Status BlockWriter::write_freely() {
  if (!request_.facts.marks_bars()) history_.wait_until(request_.start_seconds);
  while (request_.goal.tokens ? drawn() < *request_.goal.tokens : !reached()) {
    MaskedBlock block{
        .left = history_.context(context_ / 2), .rules = {.allow_timing = false}, .more_slots = kUnlimited};
    std::size_t slots = context_ - block.left.size();
    if (request_.goal.tokens) {
      const std::size_t wanted = *request_.goal.tokens - drawn();
      slots = std::min(slots, wanted);
      block.more_slots = int(wanted - slots);
    }
    block.slots.assign(slots, tokens::kMask);
    const std::size_t before = history_.size();
    CONTINUO_TRY(add(block));
    if (history_.size() == before) break;
    request_.progress.update(drawn(), request_.goal.tokens.value_or(0), std::to_string(drawn()) + " tokens");
  }
  return cut_at_goal();
}

Status BlockWriter::cut_at_goal() {
  if (request_.goal.seconds) {
    const double end = request_.start_seconds + *request_.goal.seconds - kTimeTolerance;
    const auto meter = request_.composer.tokenizer->length_meter();
    std::size_t size = 0;
    for (; size < history_.size() && (size < first_ || meter->elapsed().value < end); ++size)
      meter->accept(history_.tokens()[size]);
    if (size < history_.size()) history_.truncate(size);
  }
  const auto grammar = history_.grammar().clone();
  NextToken next(request_.facts);
  std::vector<TokenId> closing;
  close_piece(*grammar, next, closing);
  return history_.append(closing);
}

// What a bar that is rewritten keeps: its bar line, meter and tempo. Masks take the place of the rest.
std::vector<TokenId> BlockWriter::plan_bar(std::span<const TokenId> original) {
  std::vector<TokenId> bar;
  const auto sets_timing = [&](std::size_t i) {
    return i < original.size() && request_.facts.of(original[i]).sets_timing;
  };
  std::size_t at = 0;
  // In some tokenisations the first bar has no bar line.
  if (original.empty() || request_.facts.begins_bar(original[0])) {
    const bool keeps = sets_timing(0) && !request_.facts.of(original[0]).part_of_note;
    bar.push_back(keeps ? original[0] : request_.facts.bar_token());
    at = original.empty() ? 0 : 1;
  }
  // A tempo comes after its position.
  for (; sets_timing(at) || sets_timing(at + 1); ++at) bar.push_back(original[at]);
  const int own = static_cast<int>(original.size() - at);
  const int masks = own > 0 ? budget_.near(own, plan_rng_) : budget_.draw(plan_rng_);
  bar.insert(bar.end(), static_cast<std::size_t>(masks), tokens::kMask);
  return bar;
}

Status BlockWriter::rewrite(std::span<const std::vector<TokenId>> originals, std::span<const TokenId> after) {
  std::vector<std::vector<TokenId>> bars;
  std::size_t total = 0;
  for (const auto& original : originals) {
    bars.push_back(plan_bar(original));
    if (bars.back().size() > context_ / 2) bars.back().resize(context_ / 2);
    total += bars.back().size();
  }
  const std::size_t around = context_ - std::min(total, context_ / 2);
  for (std::size_t i = 0; i < bars.size();) {
    // Old bars that are still to be rewritten are no context, so only the last block sees what follows.
    const bool last = total <= context_ / 2;
    const std::size_t right = last ? std::min(after.size(), around / 2) : 0;
    MaskedBlock block{.left = history_.context(std::max<std::size_t>(2, around - right)),
                      .right = {after.begin(), after.begin() + std::ptrdiff_t(right)},
                      .rules = {.allow_bars = false, .allow_timing = false}};
    const std::size_t room = context_ - block.left.size() - right;
    while (i < bars.size() && (block.slots.empty() || block.slots.size() + bars[i].size() <= room)) {
      block.slots.insert(block.slots.end(), bars[i].begin(), bars[i].end());
      total -= bars[i++].size();
    }
    CONTINUO_TRY(add(block));
    request_.progress.update(i, bars.size(), std::to_string(drawn()) + " tokens");
  }
  return cut_at_goal();
}

}  // namespace

Status write_by_unmasking(const Request& request, History& history) {
  BlockWriter writer(request, history);
  return request.facts.marks_bars() && !request.goal.tokens ? writer.write_bars() : writer.write_freely();
}

Status rewrite_bars(const Request& request, std::span<const TokenId> primer, TokenBars bars, History& history) {
  const auto starts = request.composer.tokenizer->bar_starts(primer);
  const auto bar_at = [&](std::size_t index) { return index < starts.size() ? starts[index] : primer.size(); };
  CONTINUO_TRY(history.append(primer.first(bar_at(bars.begin))));
  for (std::size_t bar = starts.size(); bar < bars.begin; ++bar)
    CONTINUO_TRY(history.append(std::vector<TokenId>{request.facts.bar_token()}));
  std::vector<std::vector<TokenId>> originals;
  for (std::size_t bar = bars.begin; bar < bars.end; ++bar) {
    const auto original = primer.subspan(bar_at(bar), bar_at(bar + 1) - bar_at(bar));
    originals.emplace_back(original.begin(), original.end());
  }
  return BlockWriter(request, history).rewrite(originals, primer.subspan(bar_at(bars.end)));
}

}  // namespace continuo::generate
