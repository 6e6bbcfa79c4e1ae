#include "continuo/generate/compose.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "continuo/base/rng.h"

#include "../request/request.h"
#include "../rules/word_kinds.h"
#include "../splice/playing.h"
#include "task.h"

namespace continuo::generate {
namespace {

// The first that the options ask for is done: from the most particular to what is always possible.
constexpr const Task* kTasks[] = {&kHarmonise, &kHumanise,  &kPerform,        &kTappedBeat,
                                  &kFillBars,  &kAddTracks, &kContinuePrimer, &kComposeNew};

const Task& asked_task(const ComposeOptions& options) {
  return **std::find_if(std::begin(kTasks), std::end(kTasks),
                        [&](const Task* task) { return task->is_asked(options); });
}

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

constexpr int kMostOfABatch = 32;
constexpr double kUsualSilence = 3;  // seconds
constexpr int kMostDraws = 4;        // times the pieces that were asked for
constexpr int kMostDrawsOfRefused = 16;

Status check_chance(const ComposeOptions& options, int count) {
  const bool by_chance =
      options.sampler.temperature > 0 || (options.keep != Keep::kNothing && options.strength < 1) ||
      std::ranges::any_of(options.temperature_of, [](const auto& kind) { return kind.temperature > 0; });
  return count > 1 && !by_chance ? invalid("at temperature 0 all variations are the same") : Status();
}

Status check_playing(const TokenFacts& facts, const ComposeOptions& options) {
  CONTINUO_TRY(check_playing(options.playing));
  if (options.playing == ComposeOptions::Playing{}) return {};
  if (options.humanise || options.perform) return invalid("how notes are played is drawn, and cannot be asked for too");
  if (options.playing.swing > 0.5 && facts.in_clock_time())
    return invalid("swing: music in clock time has no eighths; models of tokenisations with beats have");
  return {};
}

// Limits that are asked for and cannot be kept to.
Status check_limits(const Composer& composer, const ComposeOptions& options) {
  const auto grammar = composer.tokenizer->grammar();
  const std::string name(composer.tokenizer->name());
  const double note = options.longest_note.value_or(0), silence = options.longest_silence.value_or(0);
  if (!(note >= 0)) return invalid("the longest note must not be negative");
  if (!(silence >= 0)) return invalid("the longest silence must not be negative");
  if (note > 0 && !grammar->limit_notes(note))
    return invalid("the tokenisation " + name + " cannot limit the length of notes");
  if (silence > 0 && !grammar->limit_silence(silence))
    return invalid("the tokenisation " + name + " cannot limit silences");
  return {};
}

History::Limits limits_of(const Composer& composer, const ComposeOptions& options) {
  const double note = options.longest_note.value_or(composer.longest_note);
  const double silence = options.longest_silence.value_or(kUsualSilence);
  History::Limits limits;
  if (note > 0) limits.note = note;
  if (silence > 0) limits.silence = silence;
  return limits;
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
  CONTINUO_TRY(check_limits(composer, options));
  CONTINUO_TRY(check_playing(facts, options));
  CONTINUO_TRY(check_task(composer, options));
  CONTINUO_TRY(task.check(composer, facts, options));
  if (count < 1) return invalid("there must be at least one variation");
  CONTINUO_TRY(check_chance(options, count));
  Request request{composer, facts, options, threads, progress};
  request.limits = limits_of(composer, options);
  std::vector<Composition> results(static_cast<std::size_t>(count));
  CONTINUO_TRY(task.run(request, results));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (std::size_t i = 0; i < results.size(); ++i) {
    play_new_notes(options, results[i].score);
    results[i].seed = options.seed + i;
    results[i].seconds = seconds;
  }
  return results;
}

Result<std::vector<Composition>> compose_distinct(const Composer& composer, const ComposeOptions& options,
                                                  Distinct distinct, ThreadPool& threads, Progress& progress,
                                                  std::size_t* tokens) {
  if (distinct.wanted < 1) return invalid("there must be at least one variation");
  if (distinct.drawn < distinct.wanted) return invalid("fewer pieces are drawn than are wanted");
  CONTINUO_TRY(check_chance(options, distinct.drawn));
  std::vector<Composition> found;
  double seconds = 0;
  ComposeOptions next = options;
  const auto most = std::int64_t(distinct.accepts ? kMostDrawsOfRefused : kMostDraws) * distinct.drawn;
  // Of those that can be refused so many are looked for as would be drawn of others.
  const auto wanted = [&](std::int64_t drawn) {
    if (distinct.accepts) return distinct.drawn - std::int64_t(found.size());
    return drawn < distinct.drawn ? distinct.drawn - drawn : distinct.wanted - std::int64_t(found.size());
  };
  for (std::int64_t drawn = 0; drawn < most;) {
    const int count = int(std::min({wanted(drawn), std::int64_t(kMostOfABatch), most - drawn}));
    if (count <= 0) break;
    CONTINUO_ASSIGN(auto batch, compose_variations(composer, next, count, threads, progress));
    drawn += count;
    next.seed =
        distinct.accepts ? mix_seed(options.seed, std::uint64_t(drawn)) >> 32 : next.seed + std::uint64_t(count);
    seconds += batch[0].seconds;
    for (Composition& piece : batch) {
      if (tokens != nullptr) *tokens += piece.tokens.size();
      const bool is_new =
          std::ranges::none_of(found, [&](const Composition& other) { return other.score == piece.score; });
      if (is_new && (!distinct.accepts || distinct.accepts(piece))) found.push_back(std::move(piece));
    }
  }
  for (Composition& piece : found) piece.seconds = seconds;
  return found;
}

Result<Composition> compose(const Composer& composer, const ComposeOptions& options, ThreadPool& threads,
                            Progress& progress) {
  CONTINUO_ASSIGN(auto results, compose_variations(composer, options, 1, threads, progress));
  return std::move(results[0]);
}

}  // namespace continuo::generate
