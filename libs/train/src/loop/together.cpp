#include "loop/together.h"

#include <cstdint>
#include <string>

#include "continuo/base/hash.h"
#include "continuo/dataset/content_hash.h"
#include "continuo/neural/device.h"

#include "loop/training_run.h"
#include "ranks/command.h"

namespace continuo::train {
namespace {

// Of the tokens that are learned from and measured.
std::string fingerprint(const dataset::TokenDataset& data) {
  std::uint64_t hash = fnv1a(data.tokenizer().dump());
  for (const auto split : {dataset::Split::kTrain, dataset::Split::kValidation})
    hash = dataset::content_hash(data.split(split), hash);
  return std::to_string(hash);
}

}  // namespace

Status check_shareable(const Others& others, const Setup& setup) {
  const RankGroup* ranks = others.ranks;
  if (ranks == nullptr) return {};
  const auto invalid = [](const std::string& what) { return Error{ErrorCode::invalid_argument, what}; };
  if (setup.runtime.device != neural::kCpu)
    return invalid("several processes train on the CPU, each with its own threads: add --device cpu");
  if (setup.config.memory_length > 0) return invalid("a model with a memory is trained in one process");
  if (setup.options.batch_size < ranks->size()) {
    return invalid("a batch of " + std::to_string(setup.options.batch_size) + " windows cannot be shared by " +
                   std::to_string(ranks->size()) + " processes: a larger batch_size can");
  }
  return {};
}

void announce(Others& others, const Setup& setup) {
  RankGroup* ranks = others.ranks;
  if (ranks == nullptr) return;
  others.know_run = true;
  send(*ranks, {.kind = Command::Kind::kSetup});
  send(*ranks, to_toml(setup.options));
  send(*ranks, to_text(setup.position));
  send(*ranks, fingerprint(setup.data.set));
}

void refuse(Others& others, const Error& error) {
  if (others.know_run) return;
  send(*others.ranks, {.kind = Command::Kind::kRefuse});
  send(*others.ranks, error.to_line());
  others.ranks->part();
}

Status help(const TrainOptions& caller, RankGroup& ranks, const Progress& progress) {
  if (receive(ranks).kind == Command::Kind::kRefuse) {
    const std::string reason = receive_text(ranks);
    ranks.part();
    return Error{ErrorCode::invalid_argument, "the first process has refused: " + reason};
  }
  TrainOptions options;
  CONTINUO_TRY(apply_toml(options, receive_text(ranks)));
  CONTINUO_ASSIGN(const RunPosition position, position_from_text(receive_text(ranks)));
  const std::string data = receive_text(ranks);
  if (!caller.data.empty()) options.data = caller.data;
  options.threads = caller.threads;
  options.init_from.clear();  // the weights come from the first process
  CONTINUO_ASSIGN(auto setup, prepare(options, position));
  if (fingerprint(setup.data.set) != data)
    return Error{ErrorCode::incompatible, "the data set is not that of the first process", {}, options.data.string()};
  NoProgress nowhere;
  TrainingRun run(std::move(setup), nowhere, &ranks);
  return run.serve(progress);
}

}  // namespace continuo::train
