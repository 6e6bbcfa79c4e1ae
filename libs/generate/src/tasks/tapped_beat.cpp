#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../continuation/causal_writer.h"
#include "../splice/splice.h"
#include "generate_music.h"
#include "primer.h"
#include "task.h"

namespace continuo::generate {
namespace {

using score::Note;
using score::Score;
using score::Ticks;
using score::Track;
using tokens::Touch;

constexpr std::uint8_t kTappedDrum = 38;  // General MIDI: acoustic snare

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

bool is_asked(const ComposeOptions& options) { return options.beat; }

// A rhythm as hits of one drum: which keys were tapped, and for how long, says nothing.
Score hits_of(const Score& rhythm) {
  Score taps = rhythm;
  taps.tracks.assign(1, {.name = "Drums", .is_drum = true});
  for (const Track& track : rhythm.tracks)
    for (const Note& note : track.notes)
      taps.tracks[0].notes.push_back({note.onset, Ticks(1), kTappedDrum, note.velocity});
  taps.sort();
  return taps;
}

// Whether a hit is a word for the drum, one for its loudness and one for its timing, and nothing else.
bool has_words_for_hits(const tokens::Tokenizer& tokenizer) {
  Score one;
  one.tracks.push_back({.is_drum = true});
  one.tracks[0].notes = {{Ticks(0), Ticks(1), kTappedDrum, 80}};
  const auto tokens = tokenizer.encode(one);
  if (!tokens.ok() || tokens->size() < 3) return false;
  const tokens::TokenizerTraits traits = tokenizer.traits();
  const auto hit = tokens->end() - 3;
  return traits.marks_bars() && traits.of(hit[0]).strikes && traits.of(hit[1]).touch == Touch::kLoudness &&
         traits.of(hit[2]).touch == Touch::kTiming &&
         std::none_of(tokens->begin(), hit, [&](TokenId token) { return traits.of(token).part_of_note; });
}

Status check_model(const Composer& composer, const ComposeOptions&) {
  if (!is_bidirectional(composer) && has_words_for_hits(*composer.tokenizer)) return {};
  return invalid("a " + composer.model->config().preset + " model of the tokenisation " +
                 std::string(composer.tokenizer->name()) +
                 " cannot make a beat of a tapped rhythm; a causal model of drum_grid can");
}

Status check(const Composer&, const TokenFacts&, const ComposeOptions& options) {
  if (!options.primer) return invalid("a beat needs the rhythm that was tapped");
  if (options.fill || !options.add_tracks.empty()) return invalid("a beat is made of a rhythm and nothing else");
  return {};
}

// Draws which drums are hit at a tap, one or more from the lowest word on, and how loud each is; all at its timing.
// Returns once `next`, which comes after the tap, has been drawn in place of a drum.
Status draw_hits(const Request& request, TokenId timing, TokenId next, CausalWriter& writer) {
  for (bool may_stop = false;; may_stop = true) {
    const auto limit = [&](std::span<std::uint8_t> legal) {
      for (TokenId token = 0; token < request.facts.vocab_size(); ++token)
        legal[std::size_t(token)] &= std::uint8_t(request.facts.of(token).strikes || (may_stop && token == next));
    };
    CONTINUO_ASSIGN(const TokenId drawn, writer.choose_within(limit));
    writer.read_last();
    if (drawn == next) return {};
    CONTINUO_ASSIGN([[maybe_unused]] const TokenId loudness, writer.choose_touch(Touch::kLoudness));
    writer.read_last();
    CONTINUO_TRY(writer.give(timing));
    writer.read_last();
  }
}

// Follows the taps, each of them three tokens, and ends with a bar line, which is no part of the beat.
Status draw_beat(const Request& request, std::vector<TokenId> taps, CausalWriter& writer) {
  CONTINUO_TRY(writer.open());
  taps.push_back(request.facts.bar_token());
  for (std::size_t i = 0; i < taps.size();) {
    if (request.progress.stop_requested()) return interrupted();
    if (request.facts.of(taps[i]).strikes) {
      CONTINUO_TRY(draw_hits(request, taps[i + 2], taps[i + 3], writer));
      i += 4;
    } else {
      CONTINUO_TRY(writer.give(taps[i++]));
      writer.read_last();
    }
    request.progress.update(i, taps.size(), "");
  }
  return {};
}

// Of the onsets, which are sorted. Requires: at least one.
Ticks nearest(const std::vector<Note>& taps, Ticks time) {
  const auto after = std::ranges::lower_bound(taps, time, {}, &Note::onset);
  if (after == taps.begin()) return after->onset;
  const Ticks before = std::prev(after)->onset;
  return after == taps.end() || time - before <= after->onset - time ? before : after->onset;
}

// The drums that are hit, each where it was tapped; an eighth of a quarter long, or until it is hit again. Of two hits
// of a drum at one tap, which is the nearest to both, the first counts.
std::vector<Note> hits_at(const std::vector<Note>& taps, const Score& decoded, const TickMapping& mapping,
                          std::int32_t ticks_per_quarter) {
  std::vector<Note> hits;
  for (const Track& track : decoded.tracks)
    for (Note hit : track.notes) {
      hit.onset = nearest(taps, mapping(hit.onset));
      hit.duration = Ticks(std::max(1, ticks_per_quarter / 8));
      hits.push_back(hit);
    }
  const auto place = [](const Note& hit) { return std::pair(hit.onset, hit.pitch); };
  std::ranges::stable_sort(hits, {}, place);
  const auto again = std::ranges::unique(hits, {}, place);
  hits.erase(again.begin(), again.end());
  end_at_next_strike(hits);
  return hits;
}

Status run(const Request& base, std::span<Composition> results) {
  Request request = base;
  request.limits = {};
  const tokens::Tokenizer& tokenizer = *request.composer.tokenizer;
  const Score taps = hits_of(*request.options.primer);
  CONTINUO_ASSIGN(const Primer primer, encode_primer(request.composer, taps));
  const TickMapping mapping(taps, primer.quantised, {}, request.facts.time_domain());
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    History history(tokenizer, request.facts);
    CausalWriter writer(request, history, seed++);
    CONTINUO_TRY(draw_beat(request, primer.tokens, writer));
    history.truncate(history.size() - 1);
    CONTINUO_ASSIGN(const Score decoded, tokenizer.decode(history.tokens()));
    result.score = taps;
    result.score.tracks[0].notes = hits_at(taps.tracks[0].notes, decoded, mapping, taps.ticks_per_quarter);
    result.score.sort();
    note_drawn(history, 0, result);
    result.primer_tokens = primer.tokens.size();
  }
  return {};
}

}  // namespace

const Task kTappedBeat = {.is_asked = is_asked, .check_model = check_model, .check = check, .run = run};

}  // namespace continuo::generate
