#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/engine/model.h"
#include "continuo/sampling/sampler.h"
#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::generate {

// A model file made ready to compose: network and tokenisation belong together.
struct Composer {
  std::shared_ptr<const engine::Model> model;
  std::shared_ptr<const tokens::Tokenizer> tokenizer;

  // Errors: those of Checkpoint::open, Model::load and tokenizer_from_json; incompatible (vocabulary sizes differ).
  static Result<Composer> load(const checkpoint::Checkpoint& checkpoint, engine::LoadOptions options = {});
};

// How much new music to write, beyond the primer.
enum class LengthUnit { kTokens, kBars, kSeconds };
struct Length {
  LengthUnit unit = LengthUnit::kBars;
  double amount = 16;
};

// Measures first..last, counted from 1, both included.
struct BarRange {
  int first = 1, last = 1;
};

struct ComposeOptions {
  std::optional<score::Score> primer;
  std::optional<BarRange> fill;  // rewrite these bars of the primer; bidirectional models only
  Length length;
  bool stop_at_end = false;  // also end where the model draws EOS
  sampling::SamplerOptions sampler;
  std::uint64_t seed = 0;
  int rounds = 12;  // number of unmasking rounds (bidirectional models)
};

struct Composition {
  // The whole piece. What the primer holds and nobody asked to change is the primer's own, note for note, in its own
  // ticks, and not its quantised image.
  score::Score score;
  std::vector<TokenId> tokens;  // what was drawn, without the primer
  std::size_t primer_tokens = 0;
  double seconds = 0;  // spent in the network and sampling
};

// Composes from nothing, continues a primer, or rewrites bars of it. Every result obeys the tokenisation's grammar:
// each note ends. Same composer, options and build: same result, whatever the number of threads.
// Errors: out_of_vocabulary (primer), no_notes (primer), invalid_argument (fill outside the piece, fill with a causal
// model or with a tokenisation without bars, primer with nothing to continue), interrupted.
Result<Composition> compose(const Composer& composer, const ComposeOptions& options, ThreadPool& threads,
                            Progress& progress);

// Several pieces at once, which read the network's weights together: the one at index i is what compose() makes of the
// seed + i (of bf16 weights on a CPU that multiplies bf16 itself, of other last bits). `seconds` are those of all.
// Errors: as compose(); invalid_argument (no variation).
Result<std::vector<Composition>> compose_variations(const Composer& composer, const ComposeOptions& options, int count,
                                                    ThreadPool& threads, Progress& progress);

}  // namespace continuo::generate
