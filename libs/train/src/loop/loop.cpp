#include "loop/loop.h"

#include <string>
#include <string_view>

namespace continuo::train {
namespace {

constexpr std::string_view kNotFinite =
    "the loss is no longer a finite number; a lower learning_rate or gradient_clip may help";
constexpr std::string_view kOutOfMemory =
    "memory does not suffice for one window at a time; a shorter context_length or a smaller model needs less";

}  // namespace

Result<StoppedBy> Loop::run() {
  CONTINUO_TRY(open());
  std::optional<StoppedBy> stop = decide().stop;  // a resumed run may be at its end already
  while (!stop) {
    CONTINUO_TRY(one_step());
    const Decision decision = decide();
    CONTINUO_ASSIGN(const Outcome outcome, run_hooks(decision.due));
    stop = decision.stop;
    if (!stop && out_of_patience()) stop = StoppedBy::kNoImprovement;
    if (!stop && outcome == Outcome::kInterrupted) stop = StoppedBy::kInterrupted;
  }
  for (Hook* hook : parts_.hooks) CONTINUO_TRY(hook->close(*stop));
  return *stop;
}

Loop::Decision Loop::decide() const {
  const double elapsed_sec = parts_.state.clock.elapsed_sec();
  Decision decision;
  for (std::size_t i = 0; i < parts_.hooks.size(); ++i) {
    if (parts_.hooks[i]->is_due(elapsed_sec)) decision.due |= std::uint32_t{1} << i;
  }
  if (parts_.plan.out_of_steps(parts_.state.position.step)) {
    decision.stop = StoppedBy::kCompleted;
  } else if (parts_.plan.out_of_time(elapsed_sec)) {
    decision.stop = StoppedBy::kTimeLimit;
  } else if (out_of_patience()) {
    decision.stop = StoppedBy::kNoImprovement;
  } else if (parts_.progress.stop_requested()) {
    decision.stop = StoppedBy::kInterrupted;
  }
  return decision;
}

bool Loop::out_of_patience() const {
  const std::int64_t patience = parts_.state.options.patience;
  return patience > 0 && parts_.state.position.validations_since_best >= patience;
}

Status Loop::open() {
  for (Hook* hook : parts_.hooks) CONTINUO_TRY(hook->open());
  reserve_closing_time();
  return {};
}

Status Loop::one_step() {
  RunPosition& position = parts_.state.position;
  const double begin_sec = parts_.state.clock.elapsed_sec();
  StepRecord record;
  record.learning_rate = parts_.plan.learning_rate(position.step, begin_sec);
  record.result = parts_.step(position.step, record.learning_rate);
  if (record.result.out_of_memory) {
    const std::string& needed = record.result.needed_memory;
    return abandon(ErrorCode::too_large,
                   std::string(kOutOfMemory) + (needed.empty() ? "" : " (" + needed + " more were needed)"));
  }
  if (!record.result.finite) return abandon(ErrorCode::invalid_argument, kNotFinite);
  record.seconds = parts_.state.clock.elapsed_sec() - begin_sec;
  position.step += 1;
  position.tokens += record.result.tokens;
  for (Hook* hook : parts_.hooks) hook->after_step(record);
  return {};
}

Status Loop::abandon(ErrorCode code, std::string_view reason) {
  for (Hook* hook : parts_.hooks) CONTINUO_TRY(hook->abandon());
  return Error{code, std::string(reason), "step " + std::to_string(parts_.state.position.step + 1),
               parts_.state.options.output.string()};
}

Result<Outcome> Loop::run_hooks(std::uint32_t due) {
  Outcome outcome = Outcome::kDone;
  for (std::size_t i = 0; i < parts_.hooks.size(); ++i) {
    if ((due >> i & 1) == 0) continue;
    CONTINUO_ASSIGN(const Outcome one, parts_.hooks[i]->run());
    if (one == Outcome::kInterrupted) outcome = one;
  }
  if (due != 0) reserve_closing_time();
  return outcome;
}

void Loop::reserve_closing_time() {
  std::optional<double> closing_sec;
  for (const Hook* hook : parts_.hooks) {
    if (const auto seconds = hook->closing_sec()) closing_sec = closing_sec.value_or(0) + *seconds;
  }
  if (closing_sec) parts_.plan.reserve(*closing_sec);
}

}  // namespace continuo::train
