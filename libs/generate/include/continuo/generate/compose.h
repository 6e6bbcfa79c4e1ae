#pragma once

#include <cstddef>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/generate/composer.h"
#include "continuo/generate/options.h"
#include "continuo/score/score.h"

namespace continuo::generate {

struct Composition {
  // The whole piece. What the primer holds and was not asked to change keeps its own notes and ticks; it is not
  // quantised to the tokenisation's grid.
  score::Score score;
  std::vector<TokenId> tokens;    // the new ones, without the primer's
  std::size_t primer_tokens = 0;  // number of tokens that the primer was encoded to
  double seconds = 0;             // of wall time
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

}  // namespace continuo::generate
