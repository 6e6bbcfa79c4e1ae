#include "continuo/score/transpose.h"

#include <array>
#include <optional>

namespace continuo::score {
namespace {

constexpr std::string_view kLettersByFifth = "FCGDAEB";  // F is -1 on the line of fifths, C is 0
constexpr int kFlattest = -8;                            // Fb
constexpr int kSharpest = 12;                            // B#

struct Root {
  int fifth = 0;
  std::size_t length = 0;  // characters of the text that spell it
};

std::optional<Root> parse_root(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::size_t letter = kLettersByFifth.find(text[0]);
  if (letter == std::string_view::npos) return std::nullopt;
  Root root{static_cast<int>(letter) - 1, 1};
  while (root.length < text.size() && (text[root.length] == '#' || text[root.length] == 'b')) {
    root.fifth += text[root.length] == '#' ? 7 : -7;
    ++root.length;
  }
  return root;
}

// The same pitch within the names of at most one accidental.
int respelled(int fifth) {
  while (fifth > kSharpest) fifth -= 12;
  while (fifth < kFlattest) fifth += 12;
  return fifth;
}

std::string spell(int fifth) {
  const int shifted = respelled(fifth) + 8;  // Fb is 0
  std::string name(1, kLettersByFifth[static_cast<std::size_t>(shifted % 7)]);
  constexpr std::array<const char*, 3> kAccidentals = {"b", "", "#"};
  return name += kAccidentals[static_cast<std::size_t>(shifted / 7)];
}

int wrap(int fifths) { return ((fifths + 6) % 12 + 12) % 12 - 6; }

int transposed_fifths(int fifths, int semitones) { return semitones % 12 == 0 ? fifths : wrap(fifths + 7 * semitones); }

// Chords follow their key, so that a chord of the key stays spelled as one.
void transpose_chords(Score& score, const std::vector<KeySignature>& old_keys, int semitones) {
  for (ChordSymbol& chord : score.chord_symbols) {
    const int old_fifths = fifths_at(old_keys, chord.onset);
    chord.text = transposed_chord(chord.text, transposed_fifths(old_fifths, semitones) - old_fifths);
  }
}

// Those of keys that leave the keyboard have no notes.
void transpose_pressures(Track& track, int semitones) {
  std::erase_if(track.pressures, [semitones](const Pressure& each) {
    const int key = each.key + semitones;
    return each.key != Pressure::kAllKeys && (key < 0 || key > 127);
  });
  for (Pressure& each : track.pressures) {
    if (each.key != Pressure::kAllKeys) each.key = static_cast<std::int16_t>(each.key + semitones);
  }
}

}  // namespace

std::string transposed_chord(std::string_view text, int fifths) {
  const std::optional<Root> root = parse_root(text);
  if (!root || fifths == 0) return std::string(text);
  const int new_root = respelled(root->fifth + fifths);
  std::string moved = spell(new_root);
  text.remove_prefix(root->length);
  const std::size_t slash = text.rfind('/');
  const std::optional<Root> bass = slash == std::string_view::npos ? std::nullopt : parse_root(text.substr(slash + 1));
  if (!bass) return moved.append(text);
  moved.append(text.substr(0, slash + 1)).append(spell(bass->fifth + new_root - root->fifth));
  return moved.append(text.substr(slash + 1 + bass->length));
}

TransposeRange transpose_range(const Score& score) {
  int lowest = 127;
  int highest = 0;
  for (const Track& track : score.tracks) {
    if (track.is_drum) continue;
    for (const Note& note : track.notes) {
      lowest = std::min<int>(lowest, note.pitch);
      highest = std::max<int>(highest, note.pitch);
    }
  }
  return {-lowest, 127 - highest};
}

Result<Score> transposed(const Score& score, int semitones) {
  const TransposeRange range = transpose_range(score);
  if (!range.contains(semitones)) {
    std::string what = "transposing by " + std::to_string(semitones) +
                       " semitones would leave the pitches 0-127 (possible: " + std::to_string(range.lowest) + " to " +
                       std::to_string(range.highest) + ")";
    return Error{ErrorCode::invalid_argument, std::move(what)};
  }
  Score moved = score;
  for (Track& track : moved.tracks) {
    if (track.is_drum) continue;
    for (Note& note : track.notes) note.pitch = static_cast<std::uint8_t>(note.pitch + semitones);
    transpose_pressures(track, semitones);
  }
  for (KeySignature& key : moved.key_signatures) key.fifths = transposed_fifths(key.fifths, semitones);
  transpose_chords(moved, score.key_signatures, semitones);
  return moved;
}

}  // namespace continuo::score
