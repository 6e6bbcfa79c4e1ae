#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "continuo/tokens/token_decoder.h"

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
using tokens::DecodedNote;
using tokens::Touch;

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

bool is_drawn(const ComposeOptions::Humanise& asked, Touch touch) {
  return (touch == Touch::kLoudness && asked.loudness) || (touch == Touch::kTiming && asked.timing);
}

bool is_asked(const ComposeOptions& options) { return options.humanise.has_value(); }

Status check_model(const Composer& composer, const ComposeOptions& options) {
  if (is_bidirectional(composer))
    return invalid("a " + composer.model->config().preset + " model cannot humanise; a causal model can");
  const tokens::TokenizerTraits traits = composer.tokenizer->traits();
  const auto can_draw = [&](const tokens::TokenTraits& token) { return is_drawn(*options.humanise, token.touch); };
  if (std::ranges::any_of(traits.tokens, can_draw)) return {};
  const char* what = options.humanise->loudness ? "loudness of each note" : "timing of each note beside its place";
  return invalid("the tokenisation " + std::string(composer.tokenizer->name()) + " has no words for the " + what +
                 "; drum_grid has both for drums");
}

Status check(const Composer&, const TokenFacts&, const ComposeOptions& options) {
  if (!options.primer) return invalid("humanising needs a piece");
  if (options.fill || !options.add_tracks.empty()) return invalid("a piece is humanised as a whole, and nothing else");
  return {};
}

// The piece's tokens with others for loudness and timing. The writer's history is empty.
Status draw_touch(const Request& request, std::span<const TokenId> given, CausalWriter& writer) {
  CONTINUO_TRY(writer.open());
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (request.progress.stop_requested()) return interrupted();
    const Touch touch = request.facts.of(given[i]).touch;
    if (is_drawn(*request.options.humanise, touch)) {
      CONTINUO_ASSIGN([[maybe_unused]] const TokenId drawn, writer.choose_touch(touch));
    } else {
      CONTINUO_TRY(writer.give(given[i]));
    }
    writer.read_last();
    request.progress.update(i + 1, given.size(), "");
  }
  return {};
}

// All notes, in the order in which the tokens name them.
Result<std::vector<DecodedNote>> notes_named_by(const tokens::Tokenizer& tokenizer, std::span<const TokenId> tokens) {
  const auto decoder = tokenizer.decoder();
  std::vector<DecodedNote> notes;
  for (const TokenId token : tokens) {
    CONTINUO_ASSIGN(const tokens::DecodedStep step, decoder->accept(token));
    notes.insert(notes.end(), step.notes.begin(), step.notes.end());
  }
  CONTINUO_ASSIGN(const tokens::DecodedPiece piece, decoder->finish());
  notes.insert(notes.end(), piece.notes.begin(), piece.notes.end());
  return notes;
}

// The key that the tokens have for a key of the piece: drum_grid has one for all toms of a height.
class KeysInTokens {
 public:
  explicit KeysInTokens(const tokens::Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  // -1 for a key that they have not.
  int of(const Track& track, std::uint8_t pitch) {
    std::optional<int>& known = keys_[std::size_t(track.is_drum)][pitch];
    if (!known) known = find(track, pitch);
    return *known;
  }

 private:
  int find(const Track& track, std::uint8_t pitch) const {
    Score one;
    one.tracks.push_back({.program = track.program, .is_drum = track.is_drum});
    one.tracks[0].notes = {{Ticks(0), Ticks(one.ticks_per_quarter), pitch, 80}};
    const auto kept = tokenizer_.quantise(one);
    return kept.ok() && kept->note_count() == 1 ? int(kept->tracks.at(0).notes.at(0).pitch) : -1;
  }

  const tokens::Tokenizer& tokenizer_;
  std::array<std::array<std::optional<int>, 128>, 2> keys_;  // by drums or not, and key
};

// Finds the notes of a piece that its tokens name.
class PrimerNotes {
 public:
  PrimerNotes(const tokens::Tokenizer& tokenizer, const Score& piece) {
    KeysInTokens keys(tokenizer);
    for (std::size_t t = 0; t < piece.tracks.size(); ++t) {
      const Track& track = piece.tracks[t];
      for (std::size_t n = 0; n < track.notes.size(); ++n)
        all_.push_back({t, n, track.notes[n].onset, keys.of(track, track.notes[n].pitch), track.is_drum});
    }
    std::ranges::stable_sort(all_, {}, &Entry::onset);
  }

  struct Place {
    std::size_t track, note;
  };
  // The nearest of the same key that has not been found yet.
  std::optional<Place> find(const DecodedNote& named, Ticks onset) {
    Entry* best = nullptr;
    const auto distance = [&](const Entry& entry) { return std::abs((entry.onset - onset).value); };
    const auto from = std::ranges::lower_bound(all_, onset, {}, &Entry::onset);
    const auto visit = [&](Entry& entry) {
      if (best != nullptr && distance(entry) >= distance(*best)) return false;
      if (!entry.is_found && entry.key == named.note.pitch && entry.is_drum == named.is_drum) best = &entry;
      return true;
    };
    for (auto entry = from; entry != all_.end() && visit(*entry); ++entry) {
    }
    for (auto entry = from; entry != all_.begin() && visit(*std::prev(entry)); --entry) {
    }
    if (best == nullptr) return std::nullopt;
    best->is_found = true;
    return Place{best->track, best->note};
  }

 private:
  struct Entry {
    std::size_t track, note;
    Ticks onset;
    int key;
    bool is_drum;
    bool is_found = false;
  };
  std::vector<Entry> all_;  // by onset
};

// Plays each note as the new tokens have it. Notes that the tokens lack, as of many within a step, stay as they are.
Status apply(const Request& request, const Primer& primer, std::span<const TokenId> tokens, Score& result) {
  const tokens::Tokenizer& tokenizer = *request.composer.tokenizer;
  CONTINUO_ASSIGN(const auto before, notes_named_by(tokenizer, primer.tokens));
  CONTINUO_ASSIGN(const auto after, notes_named_by(tokenizer, tokens));
  const TickMapping mapping(primer.score, primer.quantised, {}, request.facts.time_domain());
  PrimerNotes notes(tokenizer, primer.score);
  const bool moves = request.options.humanise->timing;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    const auto place = notes.find(before[i], mapping(before[i].note.onset));
    if (!place) continue;
    Note& note = result.tracks[place->track].notes[place->note];
    if (request.options.humanise->loudness) note.velocity = after[i].note.velocity;
    const bool has_moved = after[i].note.onset != before[i].note.onset;
    if (moves && has_moved) note.onset = std::max(mapping(after[i].note.onset), Ticks(0));
  }
  result.sort();
  return {};
}

Status run(const Request& base, std::span<Composition> results) {
  Request request = base;
  request.limits = {};  // the notes are given
  CONTINUO_ASSIGN(const Primer primer, encode_primer(request.composer, *request.options.primer));
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    History history(*request.composer.tokenizer, request.facts);
    CausalWriter writer(request, history, seed++);
    CONTINUO_TRY(draw_touch(request, primer.tokens, writer));
    result.score = primer.score;
    CONTINUO_TRY(apply(request, primer, history.tokens(), result.score));
    note_drawn(history, 0, result);
    result.primer_tokens = primer.tokens.size();
  }
  return {};
}

}  // namespace

const Task kHumanise = {.is_asked = is_asked, .check_model = check_model, .check = check, .run = run};

}  // namespace continuo::generate
