#include "continuo/dataset/window_tasks.h"

#include <algorithm>
#include <utility>

#include "continuo/tokens/task_sequence.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::dataset {
namespace {

using tokens::CellBar;
using tokens::TaskSequence;
using tokens::TrackCell;
using tokens::TrackCells;
using tokens::TrackName;

constexpr std::uint64_t kMostAhead = 4, kLongestGap = 8;  // bars

template <typename T>
void shuffle(std::vector<T>& values, Rng& rng) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[rng.below(i)]);
}

bool chance(Rng& rng, double probability) { return rng.uniform() < probability; }

// Takes a track out of all bars. Later parts of its program move up, as if it had never been.
void drop(TrackName dropped, std::vector<CellBar>& bars) {
  for (CellBar& bar : bars) {
    std::erase_if(bar.cells, [&](const TrackCell& cell) { return cell.track == dropped; });
    for (TrackCell& cell : bar.cells)
      if (cell.track.program == dropped.program && cell.track.part > dropped.part) --cell.track.part;
  }
}

// What is given and what is asked of the bars of a window: first come those that are only given, then `asked`, and
// those after these are given ahead.
struct Draw {
  std::size_t asked_begin = 0, ahead_begin = 0;
  bool counts_down = false;
  std::vector<TrackName> asked_tracks;  // in the order in which they are asked for
  bool with_density = false, with_voices = false, with_chords = false;
};

Draw draw_task(std::span<const CellBar> bars, bool reaches_end, bool has_chords, Rng& rng) {
  Draw task;
  std::size_t ahead = 0;
  if (bars.size() >= 3 && chance(rng, 0.5)) ahead = 1 + rng.below(std::min<std::uint64_t>(kMostAhead, bars.size() / 2));
  task.ahead_begin = bars.size() - ahead;
  std::size_t asked = task.ahead_begin;
  if (ahead > 0) {
    asked = 1 + rng.below(std::min<std::uint64_t>(kLongestGap, task.ahead_begin));
  } else if (chance(rng, 0.5)) {
    asked = 1 + rng.below(task.ahead_begin);
  }
  task.asked_begin = task.ahead_begin - asked;
  task.counts_down = ahead > 0 || (reaches_end && chance(rng, 0.5));
  task.asked_tracks = tracks_of(bars);
  shuffle(task.asked_tracks, rng);
  if (task.asked_tracks.size() > 1 && chance(rng, 0.6))
    task.asked_tracks.resize(1 + rng.below(task.asked_tracks.size() - 1));
  task.with_density = chance(rng, 0.5);
  task.with_voices = chance(rng, 0.5);
  task.with_chords = has_chords && chance(rng, 0.7);
  return task;
}

class Writer {
 public:
  // `chords`: of each bar, where the task gives them.
  Writer(const TrackCells& cells, const Draw& task, std::span<const score::BarChords> chords)
      : cells_(cells), task_(task), chords_(chords), sequence_(cells) {
    sequence_.append(std::vector<TokenId>{tokens::kBos});
  }

  void write(std::span<const CellBar> bars, std::size_t first) {
    sequence_.ahead(bars.subspan(task_.ahead_begin));
    for (std::size_t i = first; i < task_.asked_begin; ++i) sequence_.given(bars[i]);
    for (std::size_t i = task_.asked_begin; i < task_.ahead_begin; ++i) write_asked(bars, i);
  }
  void end() { sequence_.append(std::vector<TokenId>{tokens::kEos}); }

  WindowTasks::Sequence finish(std::size_t longest) {
    WindowTasks::Sequence result{sequence_.tokens(), {}};
    result.tokens.resize(std::min(result.tokens.size(), longest));
    for (const TokenId token : result.tokens) {
      const bool is_learned = cells_.role(token) != TrackCells::Role::kTask || token == cells_.silent();
      result.counts.push_back(std::uint8_t(is_learned || cells_.is_chord(token)));
    }
    return result;
  }
  std::size_t size() const { return sequence_.tokens().size(); }

 private:
  void write_asked(std::span<const CellBar> bars, std::size_t index) {
    const CellBar& bar = bars[index];
    const std::size_t left = task_.ahead_begin - index - 1;
    sequence_.head(bar.head, task_.counts_down ? std::optional(left) : std::nullopt);
    for (const TrackCell& cell : bar.cells)
      if (std::ranges::find(task_.asked_tracks, cell.track) == task_.asked_tracks.end()) sequence_.given(cell);
    if (task_.with_chords) sequence_.chords(chords_[index]);
    for (const TrackName track : task_.asked_tracks) {
      const TrackCell* cell = bar.find(track);
      if (cell == nullptr) {
        sequence_.ask(track);
        sequence_.silent();
        continue;
      }
      const TrackCells::Attributes attributes = cells_.attributes(*cell);
      sequence_.ask(track, task_.with_density ? std::optional(attributes.density) : std::nullopt,
                    task_.with_voices ? std::optional(attributes.voices) : std::nullopt);
      sequence_.append(cell->notes);
    }
  }

  const TrackCells& cells_;
  const Draw& task_;
  std::span<const score::BarChords> chords_;
  TaskSequence sequence_;
};

}  // namespace

WindowTasks::WindowTasks(std::shared_ptr<const tokens::Tokenizer> tokenizer, double share)
    : tokenizer_(std::move(tokenizer)), share_(share) {}

// Bars before the asked ones that would not fit are left out, the earliest first.
std::optional<WindowTasks::Sequence> WindowTasks::rearranged(std::span<const std::uint16_t> window,
                                                             std::size_t context_length, Rng rng) const {
  if (window.empty() || !chance(rng, share_)) return std::nullopt;
  const TrackCells& cells = *tokenizer_->track_cells();
  std::vector<CellBar> bars = cells.bars(std::vector<TokenId>(window.begin(), window.end()));
  const bool reaches_end = window.back() == std::uint16_t(tokens::kEos);
  if (!reaches_end && !bars.empty()) bars.pop_back();  // cut off
  std::vector<score::BarChords> chords;                // also by the notes of a track that is dropped
  if (cells.has_chords())
    for (const CellBar& bar : bars) chords.push_back(cells.chords(bar));
  if (const auto tracks = tracks_of(bars); tracks.size() > 2 && chance(rng, 0.2))
    drop(tracks[rng.below(tracks.size())], bars);
  if (tracks_of(bars).empty()) return std::nullopt;

  const Draw task = draw_task(bars, reaches_end, cells.has_chords(), rng);
  const bool ends = reaches_end && task.ahead_begin == bars.size();
  for (std::size_t first = 0;; ++first) {
    Writer writer(cells, task, chords);
    writer.write(bars, first);
    if (ends) writer.end();
    if (writer.size() <= context_length + 1 || first == task.asked_begin) return writer.finish(context_length + 1);
  }
}

}  // namespace continuo::dataset
