#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "continuo/score/tempo_map.h"
#include "continuo/tokens/event_words.h"

#include "../continuation/causal_writer.h"
#include "../performing/pedalling.h"
#include "../performing/score_player.h"
#include "generate_music.h"
#include "task.h"

namespace continuo::generate {
namespace {

using score::Note;
using score::Score;
using score::Seconds;
using tokens::EventWords;

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

bool is_asked(const ComposeOptions& options) { return options.perform.has_value(); }

Status check_model(const Composer& composer, const ComposeOptions&) {
  if (!is_bidirectional(composer) && composer.tokenizer->event_words() != nullptr) return {};
  return invalid("a " + composer.model->config().preset + " model of the tokenisation " +
                 std::string(composer.tokenizer->name()) + " cannot perform; a causal model of performance can");
}

Status check(const Composer&, const TokenFacts&, const ComposeOptions& options) {
  if (!options.primer) return invalid("performing needs a piece");
  if (options.fill || !options.add_tracks.empty()) return invalid("a piece is performed as a whole, and nothing else");
  if (!(options.perform->timing >= 0 && options.perform->timing <= 0.2))
    return invalid("notes may be played 0 to 0.2 s early or late");
  return {};
}

// A note of a piece, and the key that plays it.
struct Part {
  std::size_t track, note;  // in the piece
  std::int64_t onset, end;  // Units: steps
  bool is_whole;            // the key sounds as long as this note, which nothing cuts
};

// The keys that play a piece, and what they play of it.
struct Keyboard {
  std::vector<PlayedNote> keys;                                     // by onset, then pitch
  std::map<std::pair<std::int64_t, int>, std::vector<Part>> parts;  // by onset and pitch of the key
};

// Notes of one pitch and onset are one key, as long as the longest of them, if the words can say that. Drums are not
// played.
Keyboard keyboard_of(const Score& piece, std::int64_t lead_in, const EventWords& words) {
  const score::TempoMap tempo = piece.tempo_map();
  const auto step = [&](score::Ticks time) {
    return std::int64_t(std::llround(tempo.to_seconds(time).value * words.steps_per_second));
  };
  Keyboard keyboard;
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  for (const score::Track& track : piece.tracks)
    for (const Note& note : track.notes)
      if (!track.is_drum) first = std::min(first, step(note.onset));
  for (std::size_t t = 0; t < piece.tracks.size(); ++t) {
    for (std::size_t n = 0; !piece.tracks[t].is_drum && n < piece.tracks[t].notes.size(); ++n) {
      const Note& note = piece.tracks[t].notes[n];
      const std::int64_t onset = step(note.onset) - first + lead_in;
      const std::int64_t end = std::max(step(note.end()) - first + lead_in, onset + 1);
      keyboard.parts[{onset, note.pitch}].push_back({t, n, onset, end, true});
    }
  }
  std::array<PlayedNote, 128> latest;
  for (auto& [place, parts] : keyboard.parts) {
    const std::int64_t longest = std::ranges::max(parts, {}, &Part::end).end;
    const std::int64_t end = std::min(longest, place.first + words.longest_note);
    for (Part& part : parts) part.is_whole = part.end == end;
    PlayedNote& before = latest[std::size_t(place.second)];
    if (before.end > place.first)
      if (const auto cut = keyboard.parts.find({before.onset, place.second}); cut != keyboard.parts.end())
        for (Part& part : cut->second) part.is_whole = false;
    before = {.pitch = place.second, .onset = place.first, .end = end};
    keyboard.keys.push_back(before);
  }
  return keyboard;
}

Status check_silences(const Keyboard& keyboard, const EventWords& words) {
  std::int64_t sounds_until = 0;
  for (const PlayedNote& key : keyboard.keys) {
    if (key.onset - sounds_until > words.longest_silence / 2)
      return invalid("the piece is silent for more than " +
                     std::to_string(words.longest_silence / 2 / words.steps_per_second) + " s, which cannot be played");
    sounds_until = std::max(sounds_until, key.end);
  }
  return {};
}

Status play(const Request& request, ScorePlayer& player, CausalWriter& writer) {
  CONTINUO_TRY(writer.open());
  while (!player.is_finished()) {
    if (request.progress.stop_requested()) return interrupted();
    CONTINUO_ASSIGN(const TokenId token,
                    writer.choose_within([&](std::span<std::uint8_t> legal) { player.limit(legal); }));
    player.accept(token);
    writer.read_last();
    request.progress.update(player.struck(), player.notes().size(), "");
  }
  return {};
}

// Moves the notes of the piece as their keys were played.
void apply(const Keyboard& keyboard, std::span<const PlayedNote> played, double seconds_per_step, Score& piece) {
  const score::TempoMap tempo = piece.tempo_map();
  for (const PlayedNote& key : played) {
    for (const Part& part : keyboard.parts.at({key.onset, key.pitch})) {
      Note& note = piece.tracks[part.track].notes[part.note];
      const double onset = tempo.to_seconds(note.onset).value, end = tempo.to_seconds(note.end()).value;
      const double late = double(key.struck - key.onset) * seconds_per_step;
      const double longer = part.is_whole ? double(key.released - key.end) * seconds_per_step : late;
      note.onset = tempo.to_ticks(Seconds(std::max(0.0, onset + late)));
      note.duration = std::max(tempo.to_ticks(Seconds(std::max(0.0, end + longer))) - note.onset, score::Ticks(1));
      note.velocity = key.velocity;
    }
  }
  piece.sort();
}

Status run(const Request& base, std::span<Composition> results) {
  Request request = base;
  request.limits = {};  // the notes are given
  const EventWords& words = *request.composer.tokenizer->event_words();
  const Score& piece = *request.options.primer;
  const auto most_shift = std::int64_t(std::llround(request.options.perform->timing * words.steps_per_second));
  const Keyboard keyboard = keyboard_of(piece, most_shift, words);
  if (keyboard.keys.empty()) return Error{ErrorCode::no_notes, "the piece has no notes that a keyboard plays"};
  CONTINUO_TRY(check_silences(keyboard, words));
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    History history(*request.composer.tokenizer, request.facts);
    CausalWriter writer(request, history, seed++);
    ScorePlayer player(keyboard.keys, most_shift, words);
    CONTINUO_TRY(play(request, player, writer));
    result.score = piece;
    apply(keyboard, player.notes(), 1.0 / words.steps_per_second, result.score);
    if (request.options.perform->pedal) add_pedal(piece, result.score);
    note_drawn(history, 0, result);
  }
  return {};
}

}  // namespace

const Task kPerform = {.is_asked = is_asked, .check_model = check_model, .check = check, .run = run};

}  // namespace continuo::generate
