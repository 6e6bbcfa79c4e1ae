#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/generate/composer.h"
#include "continuo/generate/options.h"
#include "continuo/sampling/likelihood.h"
#include "continuo/score/score.h"

namespace continuo::generate {

struct Composition {
  // The whole piece. What the primer holds and was not asked to change keeps its own notes and ticks; it is not
  // quantised to the tokenisation's grid.
  score::Score score;
  std::vector<TokenId> tokens;    // the new ones, without the primer's
  std::size_t primer_tokens = 0;  // number of tokens that the primer was encoded to
  // What the model thinks of the tokens that were drawn, as it drew them: a bidirectional model knew other tokens of
  // the piece then than a causal one would have. Tokens that were given are not counted.
  sampling::Likelihood likelihood;
  std::uint64_t seed = 0;  // that gives this piece alone, with the same options
  double seconds = 0;      // of wall time
};

// Whether the model can do what the options ask for at all, whatever the primer, and has the kinds of words that they
// name. compose() checks it too. Errors: invalid_argument, naming what could do it, or the kinds that it has.
Status check_task(const Composer& composer, const ComposeOptions& options);

// Composes a new piece, continues a primer, rewrites bars of it, adds tracks to it or harmonises it. Every result obeys
// the tokenisation's grammar: each note ends. Same composer, options and build: same result, whatever the number of
// threads.
// Errors: out_of_vocabulary (primer), no_notes (primer), invalid_argument (options out of range, fill outside the
// piece, what check_task() refuses, fill with a tokenisation in which bars cannot be found, harmonise with one without
// voices or with a primer that is no melody, tracks to rewrite that do not exist or have no notes, more than eight
// tracks of one instrument, a meter that is no word, primer with nothing to continue, a longest note with a
// tokenisation that cannot limit notes), unsupported (bars to fill that the tokenisation counts differently),
// interrupted.
Result<Composition> compose(const Composer& composer, const ComposeOptions& options, ThreadPool& threads,
                            Progress& progress);

// Several pieces as one batch: the one at index i is what compose() makes of the seed + i. (With bf16 weights on a CPU
// that multiplies bf16 itself, the last bits of the logits differ between batch sizes.) `seconds` is the time of the
// batch. Errors: as compose(); invalid_argument (count < 1).
Result<std::vector<Composition>> compose_variations(const Composer& composer, const ComposeOptions& options, int count,
                                                    ThreadPool& threads, Progress& progress);

// How many pieces to look for, and how many of them, at least, are wanted.
struct Distinct {
  int drawn = 1;   // Range: wanted or more
  int wanted = 1;  // Range: 1 or more
  // Pieces that it refuses are drawn again; empty: it refuses none.
  std::function<bool(const Composition& piece)> accepts = {};
};

// Pieces of `distinct.drawn` seeds from options.seed on, those left out that are equal to an earlier one or refused;
// while there are fewer than are wanted, more seeds follow, up to four times as many in all. Where pieces can be
// refused, other seeds, made of options.seed, take the place of theirs until there are `drawn`, up to 16 times as many.
// In the order in which they were drawn, perhaps fewer than are wanted, and none where all are refused. Batches are of
// 32 pieces at most, `seconds` is the time of all. `tokens`, if not null: of all pieces that were drawn. Errors:
// as compose(); invalid_argument (a number out of its range).
Result<std::vector<Composition>> compose_distinct(const Composer& composer, const ComposeOptions& options,
                                                  Distinct distinct, ThreadPool& threads, Progress& progress,
                                                  std::size_t* tokens = nullptr);

}  // namespace continuo::generate
