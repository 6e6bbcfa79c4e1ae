#include "block_writer.h"

#include <string>

namespace continuo::generate {

BlockWriter::BlockWriter(const Request& request, std::uint64_t seed, History& history)
    : request_(request),
      history_(history),
      first_(history.size()),
      context_(std::size_t(request.composer.model->config().context_length)),
      unmasker_(request, mix_seed(seed, 0)),
      budget_rng_(mix_seed(seed, 1)),
      budget_(history.tokens(), request.facts, request.options.sampler.is_by_chance()) {
  history_.limit(request.limits);
}

Status BlockWriter::append(const MaskedBlock& block) {
  CONTINUO_ASSIGN(const std::vector<TokenId> filled, unmasker_.fill(history_, block));
  history_.likelihood().add(unmasker_.likelihood());
  return history_.append(filled);
}

// A block is drawn as a whole, so the last one may extend beyond the goal.
void BlockWriter::truncate_to_goal() {
  const double end = request_.end_seconds();
  const auto meter = request_.composer.tokenizer->length_meter();
  std::size_t size = 0;
  for (; size < history_.size() && (size < first_ || meter->elapsed().value < end); ++size)
    meter->accept(history_.tokens()[size]);
  if (size < history_.size()) history_.truncate(size);
}

Status BlockWriter::finish() {
  if (request_.goal.seconds) truncate_to_goal();
  return history_.close();
}

void BlockWriter::report(std::size_t done, std::size_t total) const {
  request_.progress.update(done, total, std::to_string(drawn()) + " tokens");
}

}  // namespace continuo::generate
