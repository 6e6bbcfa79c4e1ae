#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "../infill/rewrite_bars.h"
#include "../splice/splice.h"
#include "generate_music.h"
#include "primer.h"
#include "task.h"

namespace continuo::generate {
namespace {

using score::Score;
using score::Track;

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

bool is_melody(const Track& track) { return !track.is_drum && !track.notes.empty(); }

bool is_asked(const ComposeOptions& options) { return options.harmonise; }

Status check_model(const Composer& composer, const ComposeOptions&) {
  if (is_bidirectional(composer)) return {};
  return invalid("a " + composer.model->config().preset +
                 " model can only continue music; harmonising needs a bert model");
}

Status check(const Composer& composer, const TokenFacts&, const ComposeOptions& options) {
  const tokens::Tokenizer& tokenizer = *composer.tokenizer;
  if (!options.primer) return invalid("harmonising needs a melody");
  if (options.fill) return invalid("a melody is harmonised as a whole: bars to rewrite cannot be asked for beside it");
  if (!TokenSteps::can_count(tokenizer) || tokenizer.length_meter()->position_range().slots < 2)
    return invalid("the tokenisation " + std::string(tokenizer.name()) + " has no voices to add; chorale_grid has");
  const auto melodies = std::ranges::count_if(options.primer->tracks, is_melody);
  if (melodies == 1) return {};
  return invalid("a melody is one track with notes, but the piece has " + std::to_string(melodies));
}

// The first voice of each step as it is, and from the beginning of the melody on a mask for each of the others: nothing
// sounds before a pickup.
std::vector<std::vector<TokenId>> masked_steps(std::span<const TokenId> tokens, std::size_t voices,
                                               const TokenFacts& facts) {
  std::vector<std::vector<TokenId>> steps;
  bool has_begun = false;
  for (std::size_t i = 0; i < tokens.size(); i += voices) {
    const auto step = tokens.subspan(i, voices);
    has_begun = has_begun || facts.of(step[0]).part_of_note;
    steps.emplace_back(step.begin(), step.end());
    if (has_begun) std::fill(steps.back().begin() + 1, steps.back().end(), tokens::kMask);
  }
  return steps;
}

// The voices below the first, as tracks like the melody's.
void add_voices(const Primer& primer, const Score& decoded, Score& result) {
  const Track melody = *std::ranges::find_if(result.tracks, is_melody);
  const TickMapping mapping(primer.score, decoded, {}, tokens::TimeDomain::kMusical);
  for (std::size_t voice = 1; voice < decoded.tracks.size(); ++voice) {
    Track track;
    track.name = "Voice " + std::to_string(voice + 1);
    track.program = melody.program;
    for (score::Note note : decoded.tracks[voice].notes) {
      const score::Ticks end = mapping(note.end());
      note.onset = mapping(note.onset);
      note.duration = end - note.onset;
      note.velocity = melody.notes.front().velocity;
      track.notes.push_back(note);
    }
    result.tracks.push_back(std::move(track));
  }
}

// The melody's notes may be longer than any of the training data, so notes are not limited.
Status run(const Request& base, std::span<Composition> results) {
  Request request = base;
  request.limits = {};
  const tokens::Tokenizer& tokenizer = *request.composer.tokenizer;
  CONTINUO_ASSIGN(const Primer primer, encode_primer(request.composer, *request.options.primer));
  const auto voices = std::size_t(tokenizer.length_meter()->position_range().slots);
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    History history(tokenizer, request.facts);
    CONTINUO_TRY(fill_in_steps(request, masked_steps(primer.tokens, voices, request.facts), {}, seed++, history));
    CONTINUO_ASSIGN(const Score decoded, tokenizer.decode(history.tokens()));
    result.score = primer.score;
    add_voices(primer, decoded, result.score);
    result.score.sort();
    note_drawn(history, 0, result);
    result.primer_tokens = primer.tokens.size();
  }
  return {};
}

}  // namespace

const Task kHarmonise = {.is_asked = is_asked, .check_model = check_model, .check = check, .run = run};

}  // namespace continuo::generate
