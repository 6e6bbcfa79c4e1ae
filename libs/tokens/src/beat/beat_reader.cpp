#include "beat_reader.h"

#include <utility>

namespace continuo::tokens {
namespace {

class BeatReader {
 public:
  BeatReader(const BeatWords& words, WordKind last_of_note)
      : words_(words), last_of_note_(last_of_note), clock_(words), has_ends_(words.has(WordKind::kPitchEnd)) {
    note_.velocity = words.velocity(0);
  }

  void accept(Word word) {
    clock_.accept(word);
    switch (word.kind) {
      case WordKind::kTrack:
        if (word.value == 0) track_ = add_voice({});
        break;
      case WordKind::kProgram:
        program_ = word.value;
        if (track_ >= 0) piece_.voices[std::size_t(track_)] = BeatVoice::of(program_);
        break;
      case WordKind::kPitch:
      case WordKind::kDrumPitch:
        is_drum_ = word.kind == WordKind::kDrumPitch;
        note_.pitch = words_.pitch(word.value, is_drum_);
        break;
      case WordKind::kVelocity:
        note_.velocity = words_.velocity(word.value);
        break;
      case WordKind::kDuration:
        note_.duration = clock_.meter().lengths->ticks(word.value);
        break;
      case WordKind::kMicroTiming:
        deviation_ = words_.deviation(word.value);
        break;
      case WordKind::kPitchEnd:
      case WordKind::kDrumPitchEnd:
        end_note(word.value, word.kind == WordKind::kDrumPitchEnd);
        break;
      case WordKind::kTimeSignature:
        if (std::exchange(meter_, word.value) != word.value) mark(word);
        break;
      case WordKind::kTempo:
      case WordKind::kKey:
        mark(word);
        break;
      case WordKind::kPedal:
      case WordKind::kPedalEnd:
        mark(word, voice(words_.has(WordKind::kProgram) && track_ < 0 ? word.value : program_));
        break;
      case WordKind::kPitchBend:
        mark(word, voice(program_));
        break;
      default:
        break;
    }
    if (word.kind == last_of_note_ || (last_of_note_ == WordKind::kPitch && word.kind == WordKind::kDrumPitch))
      strike();
  }

  void expect_notes(std::size_t count) { piece_.notes.reserve(count); }
  BeatPiece piece() { return std::move(piece_); }

 private:
  int add_voice(BeatVoice voice) {
    piece_.voices.push_back(voice);
    open_.resize(has_ends_ ? piece_.voices.size() * 128 : 0, kNone);
    return int(piece_.voices.size()) - 1;
  }
  std::uint16_t voice(int key) {
    if (track_ >= 0) return std::uint16_t(track_);
    int& known = voices_[std::size_t(key)];
    if (known < 0) known = add_voice(BeatVoice::of(key));
    return std::uint16_t(known);
  }
  std::uint16_t note_voice(bool is_drum) {
    return voice(words_.has(WordKind::kProgram) ? program_ : is_drum ? kDrumVoice : 0);
  }

  // Tempo, meter and key are those of the first track.
  void mark(Word word) {
    if (track_ <= 0) piece_.marks.push_back({clock_.now(), word.kind, BeatMark::kWholePiece, word.value});
  }
  void mark(Word word, std::uint16_t voice) { piece_.marks.push_back({clock_.now(), word.kind, voice, word.value}); }

  void strike() {
    note_.onset = std::max<std::int64_t>(0, clock_.now() + deviation_);
    note_.voice = note_voice(is_drum_);
    piece_.notes.push_back(note_);
    if (!has_ends_) return;
    later_.push_back(kNone);
    std::int32_t* last = &open_[place(note_.voice, note_.pitch)];
    while (*last != kNone) last = &later_[std::size_t(*last)];
    *last = std::int32_t(piece_.notes.size()) - 1;
  }

  void end_note(int value, bool is_drum) {
    std::int32_t& first = open_[place(note_voice(is_drum), words_.pitch(value, is_drum))];
    if (first == kNone) return;
    GridNote& note = piece_.notes[std::size_t(first)];
    note.duration = std::max<std::int64_t>(1, clock_.now() - note.onset);
    first = later_[std::size_t(first)];
  }
  static std::size_t place(std::uint16_t voice, std::uint8_t pitch) { return std::size_t(voice) * 128 + pitch; }

  static constexpr std::int32_t kNone = -1;
  const BeatWords& words_;
  WordKind last_of_note_;
  BeatClock clock_;
  bool has_ends_;
  BeatPiece piece_;
  GridNote note_;
  bool is_drum_ = false;
  int deviation_ = 0;
  int program_ = 0, track_ = -1, meter_ = -1;
  std::vector<int> voices_ = std::vector<int>(kVoices, -1);  // by key
  std::vector<std::int32_t> open_;                           // by voice and pitch, the earliest note that sounds
  std::vector<std::int32_t> later_;                          // by note, the next of its pitch that sounds
};

}  // namespace

BeatPiece read_beats(std::span<const TokenId> tokens, const BeatWords& words, WordKind last_of_note) {
  BeatReader reader(words, last_of_note);
  reader.expect_notes(tokens.size() / 4);
  for (const TokenId token : tokens) reader.accept(words.word(token));
  return reader.piece();
}

}  // namespace continuo::tokens
