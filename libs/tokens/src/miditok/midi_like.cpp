#include <algorithm>
#include <tuple>

#include "../beat/beat_graphs.h"
#include "../beat/beat_tokenizer.h"
#include "../beat/shift_encoder.h"
#include "members.h"
#include "midi_like_grammar.h"

namespace continuo::tokens {
namespace {

class MidiLikeEncoder final : public ShiftEncoder {
 public:
  using ShiftEncoder::ShiftEncoder;
  void note(const GridNote& note) {
    reach(note.onset);
    write_program(note.voice);
    write_strike(note);
    sounds_until(note.end());
  }
  void end(const NoteEnd& end) {
    reach(end.time);
    write_program(end.voice);
    write_pitch(end.voice, end.pitch, WordKind::kPitchEnd, WordKind::kDrumPitchEnd);
  }
};

// With chords, MidiTok has the ends of all voices first, then their pedals, then their bends.
struct KindOrder {
  static constexpr int kVoices = BeatMark::kWholePiece;
  static int rank(const BeatMark& mark) {
    if (mark.voice == BeatMark::kWholePiece) return int(mark.kind);
    if (mark.kind == WordKind::kChord) return note_rank(mark.voice) - 1;
    return (mark.kind == WordKind::kPitchBend ? 3 : 2) * kVoices + mark.voice;
  }
  static int end_rank(int voice) { return kVoices + voice; }
  static int note_rank(int voice) { return 4 * kVoices + 2 * voice + 1; }
};

// In order of time and voice; those of one voice in the order of their notes.
std::vector<NoteEnd> ends_of(const BeatPiece& piece) {
  std::vector<NoteEnd> ends;
  ends.reserve(piece.notes.size());
  for (const GridNote& note : piece.notes) ends.push_back({note.end(), note.voice, note.pitch});
  std::stable_sort(ends.begin(), ends.end(), [](const NoteEnd& a, const NoteEnd& b) {
    return a.time != b.time ? a.time < b.time : a.voice < b.voice;
  });
  return ends;
}

class MidiLike final : public BeatTokenizer {
 public:
  explicit MidiLike(std::shared_ptr<const BeatLanguage> language)
      : BeatTokenizer("midi_like", std::move(language), {.note_ends = true}) {}
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<MidiLikeGrammar>(language()); }

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    MidiLikeEncoder encoder(piece, words());
    const std::vector<NoteEnd> ends = ends_of(piece);
    if (!words().has(WordKind::kChord)) {
      encode_events<VoiceOrder>(piece, ends, encoder);
      return encoder.tokens();
    }
    BeatPiece ordered = piece;
    sort_marks<KindOrder>(ordered.marks);
    encode_events<KindOrder>(ordered, ends, encoder);
    return encoder.tokens();
  }
  WordKind last_of_note() const override {
    return words().has(WordKind::kVelocity) ? WordKind::kVelocity : WordKind::kPitch;
  }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_midi_like(const BeatOptions& options) {
  const auto language = std::make_shared<BeatLanguage>(options, BeatParts{.shifts = true, .note_ends = true});
  add_shifted_piece(language->graph, language->words, WordGraph::kStart, true);
  language->graph.finish();
  return std::make_shared<MidiLike>(language);
}

}  // namespace continuo::tokens
