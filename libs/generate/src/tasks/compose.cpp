#include "continuo/generate/compose.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "../request/request.h"
#include "../rules/word_kinds.h"
#include "task.h"

namespace continuo::generate {
namespace {

// The first that the options ask for is done: from the most particular to what is always possible.
constexpr const Task* kTasks[] = {&kHarmonise, &kFillBars, &kAddTracks, &kContinuePrimer, &kComposeNew};

const Task& asked_task(const ComposeOptions& options) {
  return **std::find_if(std::begin(kTasks), std::end(kTasks),
                        [&](const Task* task) { return task->is_asked(options); });
}

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

Status check_longest_note(const Composer& composer, const ComposeOptions& options) {
  const double longest = options.longest_note.value_or(0);
  if (!(longest >= 0)) return invalid("the longest note must not be negative");
  if (longest > 0 && !composer.tokenizer->grammar()->limit_notes(longest))
    return invalid("the tokenisation " + std::string(composer.tokenizer->name()) + " cannot limit the length of notes");
  return {};
}

}  // namespace

Status check_task(const Composer& composer, const ComposeOptions& options) {
  CONTINUO_ASSIGN([[maybe_unused]] const auto groups, groups_of(*composer.tokenizer, options.temperature_of));
  const Task& task = asked_task(options);
  return task.check_model ? task.check_model(composer, options) : Status();
}

Result<std::vector<Composition>> compose_variations(const Composer& composer, const ComposeOptions& asked, int count,
                                                    ThreadPool& threads, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  const TokenFacts facts(*composer.tokenizer);
  ComposeOptions options = asked;
  CONTINUO_ASSIGN(options.sampler.groups, groups_of(*composer.tokenizer, asked.temperature_of));
  const Task& task = asked_task(options);
  CONTINUO_TRY(options.sampler.check());
  if (options.rounds < 1) return invalid("there must be at least one round of unmasking");
  if (options.refinements < -1) return invalid("the number of refinements must not be negative");
  if (!options.form.empty() && options.add_tracks.empty())
    return invalid("a form is for a new piece for given instruments");
  CONTINUO_TRY(check_longest_note(composer, options));
  CONTINUO_TRY(check_task(composer, options));
  CONTINUO_TRY(task.check(composer, facts, options));
  if (count < 1) return invalid("there must be at least one variation");
  if (count > 1 && !options.sampler.is_by_chance()) return invalid("at temperature 0 all variations are the same");
  Request request{composer, facts, options, threads, progress};
  request.longest_note = options.longest_note.value_or(composer.longest_note);
  std::vector<Composition> results(static_cast<std::size_t>(count));
  CONTINUO_TRY(task.run(request, results));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (Composition& result : results) result.seconds = seconds;
  return results;
}

Result<Composition> compose(const Composer& composer, const ComposeOptions& options, ThreadPool& threads,
                            Progress& progress) {
  CONTINUO_ASSIGN(auto results, compose_variations(composer, options, 1, threads, progress));
  return std::move(results[0]);
}

}  // namespace continuo::generate
