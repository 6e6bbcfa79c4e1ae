#include "unmasking.h"

#include <algorithm>
#include <vector>

#include "block_writer.h"

namespace continuo::generate {
namespace {

// A bar line and the masks of its bar. Range of the size: at most `room`, at least 2.
std::vector<TokenId> new_bar(BlockWriter& writer, std::size_t room) {
  std::vector<TokenId> bar{writer.request().facts.bar_token()};
  const auto budget = std::min(std::size_t(writer.draw_budget()), std::max<std::size_t>(room, 2) - 1);
  bar.insert(bar.end(), budget, tokens::kMask);
  return bar;
}

// For a goal in bars or seconds, where the tokenisation marks bars: as many whole bars at a time as fit a block. The
// bar lines are given, so that the number of bars is exact.
Status append_bars(BlockWriter& writer) {
  const Request& request = writer.request();
  const auto& goal = request.goal;
  std::size_t done = 0;
  const auto is_done = [&] {
    return goal.bars ? done >= *goal.bars : request.is_reached(writer.drawn(), writer.history().seconds());
  };
  while (!is_done()) {
    MaskedBlock block{.left = writer.history().context(writer.context_length() / 2),
                      .rules = {.allow_bars = false, .allow_timing = false}};
    const std::size_t room = writer.context_length() - block.left.tokens.size() - 1;
    while (!goal.bars || done < *goal.bars) {
      const auto bar = new_bar(writer, room);
      if (!block.slots.empty() && block.slots.size() + bar.size() > room) break;
      block.slots.insert(block.slots.end(), bar.begin(), bar.end());
      ++done;
    }
    if (request.options.stop_at_end && goal.bars && done == *goal.bars) block.right = {tokens::kEos};
    CONTINUO_TRY(writer.append(block));
    writer.report(done, goal.bars.value_or(0));
  }
  return writer.finish();
}

// For a goal in tokens, or a tokenisation without bars: blocks of masks only.
Status append_tokens(BlockWriter& writer) {
  const Request& request = writer.request();
  const auto& goal = request.goal;
  const auto is_done = [&] {
    return goal.tokens ? writer.drawn() >= *goal.tokens
                       : request.is_reached(writer.drawn(), writer.history().seconds());
  };
  while (!is_done()) {
    MaskedBlock block{.left = writer.history().context(writer.context_length() / 2),
                      .rules = {.allow_timing = false},
                      .more_slots = kUnlimited};
    std::size_t slots = writer.context_length() - block.left.tokens.size();
    if (goal.tokens) {
      const std::size_t wanted = *goal.tokens - writer.drawn();
      slots = std::min(slots, wanted);
      block.more_slots = int(wanted - slots);
    }
    block.slots.assign(slots, tokens::kMask);
    const std::size_t before = writer.drawn();
    CONTINUO_TRY(writer.append(block));
    if (writer.drawn() == before) break;
    writer.report(writer.drawn(), goal.tokens.value_or(0));
  }
  return writer.finish();
}

}  // namespace

Status continue_by_unmasking(const Request& request, std::uint64_t seed, History& history) {
  const bool by_bars = request.facts.marks_bars() && !request.goal.tokens;
  BlockWriter writer(request, seed, history);
  if (by_bars) return append_bars(writer);
  // These waits count as new tokens.
  if (!request.facts.marks_bars()) history.wait_until(request.start_seconds);
  return append_tokens(writer);
}

}  // namespace continuo::generate
