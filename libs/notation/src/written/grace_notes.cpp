#include "grace_notes.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace continuo::notation::written {
namespace {

constexpr Units kUsualParts = 8;            // a grace note is the 8th part of a quarter
constexpr Units kGridParts = 480;           // of a quarter, so that few ticks hold it
constexpr Units kMost = 7, kMostParts = 8;  // of a note that a file asks for

// Chords of grace notes at one place in one voice, which follow one another.
class Group {
 public:
  Group(Measure& measure, std::span<const GraceNote> graces, Units quarter)
      : measure_(measure), graces_(graces), quarter_(quarter) {}

  void place() {
    find_neighbours();
    const bool leans_back = following_ == 0 && previous_ > 0;
    std::vector<std::size_t> before, leading;  // heads of chords
    for (std::size_t i = 0; i < graces_.size(); ++i) {
      if (i > 0 && graces_[i].joins_chord) continue;
      const bool steals_back = graces_[i].of_previous > 0 && previous_ > 0;
      (leans_back || steals_back ? before : leading).push_back(i);
    }
    place_before(before);
    place_leading(leading);
  }

 private:
  const Note& first() const { return graces_.front().note; }

  void find_neighbours() {
    for (const Note& note : measure_.notes) {
      if (note.voice != first().voice || note.is_grace) continue;
      if (note.offset == first().offset) following_ = std::max(following_, note.duration);
      if (note.offset + note.duration == first().offset) previous_ = std::max(previous_, note.duration);
    }
  }

  Units on_grid(Units length) const {
    const Units step = std::max<Units>(1, quarter_ / kGridParts);
    return length / step * step;
  }

  // What each chord takes of a note that lasts `available`; of silence where that is 0.
  std::vector<Units> lengths(const std::vector<std::size_t>& heads, Units available, double GraceNote::*share) const {
    const auto count = static_cast<Units>(heads.size());
    Units usual = quarter_ / kUsualParts, total = 0;
    if (available > 0) usual = std::min(usual, available / (2 * count));
    std::vector<Units> lengths;
    for (const std::size_t head : heads) {
      const GraceNote& grace = graces_[head];
      Units length = grace.length > 0 ? std::min(grace.length, 4 * quarter_) : usual;
      if (grace.*share > 0 && available > 0) length = std::llround(grace.*share * static_cast<double>(available));
      total += lengths.emplace_back(length);
    }
    const Units most = available * kMost / kMostParts;
    for (Units& length : lengths) {
      if (available > 0 && total > most)
        length = std::llround(static_cast<double>(length) / static_cast<double>(total) * static_cast<double>(most));
      length = on_grid(length);
    }
    return lengths;
  }

  // The notes of the chord at `head` sound in [delay, end) after `offset`; those that are tied on, until `tied_until`.
  void add_chord(std::size_t head, Units offset, Units delay, Units end, Units tied_until) {
    for (std::size_t i = head; i < graces_.size() && (i == head || graces_[i].joins_chord); ++i) {
      Note note = graces_[i].note;
      note.offset = offset;
      note.delay = delay;
      note.duration = note.starts_tie ? tied_until : end;
      note.is_grace = true;
      placed_.push_back(note);
    }
  }

  void place_before(const std::vector<std::size_t>& heads) {
    if (heads.empty()) return;
    const std::vector<Units> lengths = this->lengths(heads, previous_, &GraceNote::of_previous);
    Units total = 0;
    for (const Units length : lengths) total += length;
    for (Note& note : measure_.notes) {
      const bool is_previous = note.voice == first().voice && !note.is_grace && note.offset < first().offset &&
                               note.offset + note.duration == first().offset;
      if (is_previous && !note.starts_tie) note.duration -= std::min(total, note.duration);
    }
    Units offset = first().offset - total;
    for (std::size_t i = 0; i < heads.size(); offset += lengths[i++])
      add_chord(heads[i], offset, 0, lengths[i], first().offset - offset);
    measure_.notes.insert(measure_.notes.end(), placed_.begin(), placed_.end());
    placed_.clear();
  }

  void place_leading(const std::vector<std::size_t>& heads) {
    if (heads.empty()) return;
    const std::vector<Units> lengths = this->lengths(heads, following_, &GraceNote::of_following);
    Units total = 0, delay = 0;
    for (const Units length : lengths) total += length;
    for (Note& note : measure_.notes) {
      if (note.voice == first().voice && !note.is_grace && note.offset == first().offset)
        note.delay = std::min(total, note.duration);
    }
    for (std::size_t i = 0; i < heads.size(); delay += lengths[i++])
      add_chord(heads[i], first().offset, delay, delay + lengths[i], total);
    measure_.notes.insert(measure_.notes.begin(), placed_.begin(), placed_.end());
    placed_.clear();
  }

  Measure& measure_;
  std::span<const GraceNote> graces_;
  Units quarter_;
  Units following_ = 0, previous_ = 0;  // the longest of the notes of either side; 0: none
  std::vector<Note> placed_;
};

}  // namespace

void place_grace_notes(Measure& measure, Units quarter) {
  std::span<const GraceNote> rest = measure.graces;
  while (!rest.empty()) {
    const Note& first = rest.front().note;
    const auto is_other = [&](const GraceNote& g) {
      return g.note.offset != first.offset || g.note.voice != first.voice;
    };
    const auto count = static_cast<std::size_t>(std::ranges::find_if(rest, is_other) - rest.begin());
    Group(measure, rest.first(count), quarter).place();
    rest = rest.subspan(count);
  }
  std::stable_sort(measure.notes.begin(), measure.notes.end(),
                   [](const Note& a, const Note& b) { return a.offset < b.offset; });
}

}  // namespace continuo::notation::written
