#include "tune.h"

// Lyrics are a second text beside the music: syllables fill the notes of the line before, one each, in their order.
// What has been read so far is a position between two notes, and every sign moves it: a syllable, `_` and `*` past the
// next note, `|` to the first note after the next bar line. It never moves back, so that a bar with too many syllables
// borrows notes of the next one.
namespace continuo::notation::abc {
namespace {

class LyricAligner {
 public:
  LyricAligner(Voice& voice, Log& log) : voice_(voice), line_(voice.sung_line), log_(log) {}

  void run(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool is_escape = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '-';
      read(text[i += is_escape ? 1 : 0], is_escape);
    }
    end_syllable(true);
  }

 private:
  void read(char c, bool is_escape) {
    switch (is_escape ? 'a' : c) {
      case ' ':
      case '\t':
        return end_syllable(true);
      case '|':
        end_syllable(true);
        ++line_.measure;
        return;
      case '-':
        return hyphen();
      case '_':
      case '*':
        end_syllable(true);
        take_note();
        return;
      case '~':
        syllable_ += ' ';
        return;
      default:
        syllable_ += c;
    }
  }

  // After a space or another hyphen it is a syllable of its own: the one before is held.
  void hyphen() {
    if (!syllable_.empty()) return end_syllable(false);
    if (line_.last_measure) voice_.measures[*line_.last_measure].lyrics.back().value.ends_word = false;
    take_note();
  }

  const SungLine::Place* take_note() {
    std::size_t& next = line_.next_note;
    while (next < line_.notes.size() && line_.notes[next].measure < line_.measure) ++next;
    if (next == line_.notes.size()) return nullptr;
    line_.measure = line_.notes[next].measure;
    return &line_.notes[next++];
  }

  void end_syllable(bool ends_word) {
    if (syllable_.empty()) return;
    if (const SungLine::Place* note = take_note(); note != nullptr && !note->is_cue) {
      voice_.measures[note->measure].lyrics.push_back(
          {note->offset,
           {.text = std::move(syllable_), .ends_word = ends_word, .verse = line_.verse, .instrument = 0}});
      line_.last_measure = note->measure;
    } else {
      ++log_.unsung_syllables;
    }
    syllable_.clear();
  }

  Voice& voice_;
  SungLine& line_;
  Log& log_;
  std::string syllable_;
};

}  // namespace

void align_lyrics(Voice& voice, std::string_view text, bool continues, Log& log) {
  SungLine& line = voice.sung_line;
  if (!continues && !line.is_continued) {
    ++line.verse;
    line.next_note = 0;
    line.measure = line.first_measure;
    line.last_measure.reset();
  }
  line.is_continued = text.ends_with('\\');
  if (line.is_continued) text.remove_suffix(1);
  LyricAligner(voice, log).run(text);
}

}  // namespace continuo::notation::abc
