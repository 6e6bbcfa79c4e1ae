#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "../text_encoding.h"
#include "../written/grace_notes.h"
#include "../written/performer.h"
#include "tune.h"

// A parsed tune as a written score, with what only ABC has decided before it is performed.
namespace continuo::notation::abc {
namespace {

// The measures of a voice without the one that its last bar line opened.
std::vector<Measure> closed_measures(Voice& voice) {
  std::vector<Measure> measures = std::move(voice.measures);
  while (!measures.empty() && measures.back().length == 0) measures.pop_back();
  return measures;
}

bool has_repeat(const std::vector<Measure>& measures, const Section& section) {
  const auto begin = measures.begin() + static_cast<std::ptrdiff_t>(section.begin);
  const auto end = measures.begin() + static_cast<std::ptrdiff_t>(section.end);
  return std::any_of(begin, end, [](const Measure& m) { return m.navigation.passes > 0; });
}

// The parts of a voice in the order of the header's P: (3.1.9), after what comes before the first of them. None where
// it has no parts; nor where the order plays a part twice in a row that has repeat signs: both then say the same.
Result<std::vector<Section>> sections_of(const Voice& voice, const Tune& tune, const std::vector<Measure>& measures,
                                         Log& log) {
  std::vector<Section> sections;
  const auto& labels = voice.part_labels;
  if (labels.empty() || tune.part_order.empty()) return sections;
  const auto at_most_all = [&](std::size_t index) { return std::min(index, measures.size()); };
  if (labels.front().second > 0) sections.push_back({0, at_most_all(labels.front().second)});
  char before = ' ';
  for (const char letter : tune.part_order) {
    const auto label = std::ranges::find(labels, letter, &std::pair<char, std::size_t>::first);
    if (label == labels.end()) {
      CONTINUO_TRY(log.problem(tune.place, "P: names a part that the tune does not have: " + std::string(1, letter)));
      continue;
    }
    const auto next = std::next(label);
    const Section section{at_most_all(label->second),
                          next == labels.end() ? measures.size() : at_most_all(next->second)};
    if (letter == before && has_repeat(measures, section)) return std::vector<Section>{};
    before = letter;
    sections.push_back(section);
  }
  return sections;
}

written::Part part_of(Voice& voice, const Tune& tune, int velocity) {
  written::Part part;
  part.id = voice.id;
  part.name = !voice.name.empty() ? voice.name : tune.voices.size() == 1 ? "Melody" : name_text(voice.id);
  part.instruments.push_back({.id = {}, .program = voice.program, .is_drum = false, .drum_pitch = {}});
  part.measures = closed_measures(voice);
  for (Measure& measure : part.measures) {
    measure.place += " (" + excerpt(tune.name()) + ")";
    written::place_grace_notes(measure, kUnitsPerWhole / 4);
    for (written::Note& note : measure.notes) note.velocity = static_cast<std::uint8_t>(velocity);
  }
  return part;
}

// Voices may share the chord symbols of a tune out between them: all become those of the first.
void collect_chord_symbols(std::vector<written::Part>& parts) {
  std::vector<Measure>& first = parts.front().measures;
  for (written::Part& part : std::span(parts).subspan(1)) {
    if (part.measures.size() != first.size()) continue;
    for (std::size_t i = 0; i < first.size(); ++i) {
      auto& symbols = part.measures[i].chord_symbols;
      std::move(symbols.begin(), symbols.end(), std::back_inserter(first[i].chord_symbols));
      symbols.clear();
    }
  }
  for (Measure& measure : first) {
    std::stable_sort(measure.chord_symbols.begin(), measure.chord_symbols.end(),
                     [](const auto& a, const auto& b) { return a.offset < b.offset; });
  }
}

Result<written::WrittenScore> written_score(Tune& tune, const AbcOptions& options, Log& log) {
  written::WrittenScore score;
  score.title = tune.title;
  score.units_per_quarter = kUnitsPerWhole / 4;
  score.conventions = {.ticks_per_quarter = kTicksPerQuarter,
                       .tie_slack = 0,
                       .parts_share_measures = false,
                       .endings_last_to_repeat = false,
                       .parts_have_own_meter = true};
  const auto tempo = parse_tempo(tune.tempo_text, tune.unit());
  if (!tempo) CONTINUO_TRY(log.problem(tune.place, "Q: is not a tempo"));
  if (tempo.value_or(0) > 0) score.tempo = tempo;
  for (Voice& voice : tune.voices) {
    written::Part part = part_of(voice, tune, options.velocity);
    CONTINUO_ASSIGN(part.sections, sections_of(voice, tune, part.measures, log));
    if (!part.measures.empty()) score.parts.push_back(std::move(part));
  }
  if (!score.parts.empty()) collect_chord_symbols(score.parts);
  return score;
}

}  // namespace

Result<Piece> play(Tune tune, const AbcOptions& options, Log& log) {
  CONTINUO_ASSIGN(const written::WrittenScore written, written_score(tune, options, log));
  Result<written::Performed> performed =
      written::perform(written, {.play_chords = options.play_chords, .velocity = options.velocity}, log.diagnostics());
  if (!performed.ok()) return error_at(tune.place, performed.error().what, performed.error().code);
  score::Score& score = performed->piece.score;
  // Several voices may have the same chord symbol.
  score.chord_symbols.erase(std::unique(score.chord_symbols.begin(), score.chord_symbols.end()),
                            score.chord_symbols.end());
  if (score.note_count() == 0) return error_at(tune.place, "the tune has no notes", ErrorCode::no_notes);
  log.unsung_syllables += performed->unsung_syllables;
  for (const Voice& voice : tune.voices) log.cue_notes += voice.cue_notes;
  return std::move(performed->piece);
}

}  // namespace continuo::notation::abc
