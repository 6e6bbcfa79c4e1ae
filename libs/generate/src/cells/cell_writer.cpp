#include "cell_writer.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "continuo/base/rng.h"
#include "continuo/sampling/sampler.h"
#include "continuo/tokens/task_sequence.h"
#include "continuo/tokens/vocabulary.h"

#include "guided_context.h"

namespace continuo::generate {
namespace {

using tokens::CellBar;
using tokens::TaskSequence;
using tokens::TrackCell;
using tokens::TrackCells;
using tokens::TrackName;

constexpr std::size_t kMostTokensOfACell = 384;
constexpr std::size_t kMostBarsAhead = 4;  // as in training
// What music does: of 112 pieces of game music a track plays the same bar at most 6 times in a row in nine of ten, and
// all tracks together at most 4 times in 99 of 100 (docs/results/control.md).
constexpr double kUsualGuidance = 2;  // of chords
constexpr int kMostEqualCells = 8, kMostEqualBars = 4;

bool keeps_to(const NoteRules& rules, int pitch) {
  return pitch >= rules.lowest && pitch <= rules.highest && (rules.pitch_classes >> (pitch % 12) & 1) != 0;
}

class CellWriter {
 public:
  CellWriter(const Request& request, const CellPlan& plan, GuidedContext context, std::uint64_t seed,
             sampling::Likelihood& likelihood)
      : request_(request),
        plan_(plan),
        cells_(*request.composer.tokenizer->track_cells()),
        context_(std::move(context)),
        grammar_(request.composer.tokenizer->grammar()),
        sampler_(request.options.sampler),
        likelihood_(likelihood),
        rng_(seed),
        legal_(std::size_t(request.facts.vocab_size())) {
    grammar_->limit_notes(request.longest_note > 0 ? request.longest_note : tokens::kNoNoteLimit);
  }

  Result<std::vector<std::vector<TrackCell>>> write() {
    give_what_is_around();
    std::vector<std::vector<TrackCell>> written;
    for (std::size_t i = plan_.begin; i < plan_.end; ++i) {
      if (request_.progress.stop_requested()) return interrupted();
      const auto repeated = plan_.repeated.empty() ? std::nullopt : plan_.repeated[i - plan_.begin];
      const std::size_t left = plan_.end - i - 1;
      written.push_back(repeated ? repeat_bar(written[*repeated], plan_.bars[i], left)
                                 : write_bar(plan_.bars[i], left));
      request_.progress.update(written.size(), plan_.end - plan_.begin, std::to_string(drawn_) + " tokens");
    }
    return written;
  }

 private:
  bool is_asked(TrackName track) const { return std::ranges::find(plan_.tracks, track) != plan_.tracks.end(); }

  // The grammar follows the asked bars alone, which does not matter to it; only the first head of a piece is special.
  void give_what_is_around() {
    if (plan_.shows_ahead) context_.set_ahead(bars_ahead());
    for (std::size_t i = 0; i < plan_.begin; ++i) {
      TaskSequence bar(cells_);
      bar.given(plan_.bars[i]);
      context_.add_bar(bar.tokens());
    }
    if (plan_.begin > 0) accept(plan_.bars[0].head);
  }

  // As many as leave most of the context to what comes before them.
  std::vector<TokenId> bars_ahead() const {
    const auto after = std::span(plan_.bars).subspan(plan_.end);
    for (std::size_t count = std::min(after.size(), kMostBarsAhead); count > 0; --count) {
      TaskSequence ahead(cells_);
      ahead.ahead(after.first(count));
      if (ahead.tokens().size() <= context_.limit() / 8 * 3) return ahead.tokens();
    }
    return {};
  }

  void accept(std::span<const TokenId> tokens) {
    for (const TokenId token : tokens) grammar_->accept(token);
  }

  // Which pitch words `track` may use, as the rules have it.
  std::vector<std::uint8_t> allowed_pitches(TrackName track) const {
    std::vector<std::uint8_t> allowed(legal_.size(), 1);
    if (track.program == TrackName::kDrums) return allowed;
    const TrackCells::PitchWords words = cells_.pitch_words(false);
    for (int i = 0; i < words.count; ++i) {
      const TokenId token = words.first + i;
      allowed[std::size_t(token)] = std::uint8_t(keeps_to(plan_.rules, words.lowest + i));
    }
    return allowed;
  }

  // Of the asked bar that so many follow. Requires: a plan with chords.
  const score::BarChords& chords_of(std::size_t left) const { return plan_.chords[plan_.chords.size() - left - 1]; }

  // What is given of a bar.
  void begin_bar(const CellBar& bar, std::size_t left) {
    TaskSequence given(cells_);
    given.head(bar.head, plan_.counts_down ? std::optional(left) : std::nullopt);
    for (const TrackCell& cell : bar.cells)
      if (!is_asked(cell.track)) given.given(cell);
    context_.add_bar({});
    const std::vector<TokenId> without_chords = given.tokens();
    if (!plan_.chords.empty()) given.chords(chords_of(left));
    context_.read({.asked = given.tokens(), .plain = without_chords});
    accept(bar.head);
  }

  // The model reads what it has written earlier as if it wrote it again.
  std::vector<TrackCell> repeat_bar(const std::vector<TrackCell>& cells, const CellBar& bar, std::size_t left) {
    begin_bar(bar, left);
    TaskSequence again(cells_);
    for (const TrackName& track : plan_.tracks) {
      const auto cell = std::ranges::find(cells, track, &TrackCell::track);
      again.ask(track);
      if (cell == cells.end()) {
        again.silent();
        continue;
      }
      again.append(cell->notes);
      std::vector<TokenId> tokens;
      cells_.append_name(track, tokens);
      accept(tokens);
      accept(cell->notes);
    }
    context_.read(again.tokens());
    return cells;
  }

  std::vector<TrackCell> write_bar(const CellBar& bar, std::size_t left) {
    begin_bar(bar, left);
    std::vector<TrackCell> written;
    bool all_equal = true;
    for (const TrackName& track : plan_.tracks) {
      allowed_ = allowed_pitches(track);
      at_once_ = notes_ = 0;
      const TrackCell* old = bar.find(track);
      const bool keeps = plan_.keep == Keep::kRhythm;
      const bool may_be_silent = !has_to_play(track, left) && !has_to_sound(track, bar, written, left);
      Repeats& repeats = repeats_[std::size_t(&track - plan_.tracks.data())];
      const bool is_last = &track == &plan_.tracks.back();
      const bool differs = repeats.count >= kMostEqualCells || (is_last && all_equal && equal_bars_ >= kMostEqualBars);
      avoided_ = differs ? repeats.notes : std::vector<TokenId>();
      TrackCell cell{.track = track, .notes = keeps ? write_pitches(track, old) : write_notes(track, may_be_silent)};
      all_equal = repeats.add(cell.notes) && all_equal;
      if (cell.notes.empty()) continue;
      played_.push_back(track);
      written.push_back(std::move(cell));
    }
    equal_bars_ = all_equal ? equal_bars_ + 1 : 1;
    return written;
  }

  // The word at which a cell that has repeated the avoided one so far has to leave it: its first pitch from the middle
  // on, or else its last.
  std::optional<TokenId> avoided_word(std::span<const TokenId> notes) const {
    std::size_t place = avoided_.size();
    for (std::size_t i = 0; i < avoided_.size() && (place == avoided_.size() || place < avoided_.size() / 2); ++i)
      if (cells_.pitch(avoided_[i])) place = i;
    if (notes.size() != place || place == avoided_.size()) return std::nullopt;
    const bool repeats = std::equal(notes.begin(), notes.end(), avoided_.begin());
    return repeats ? std::optional(avoided_[place]) : std::nullopt;
  }

  bool has_to_play(TrackName track, std::size_t left) const {
    if (!plan_.all_play || std::ranges::find(played_, track) != played_.end()) return false;
    return 2 * left < plan_.end - plan_.begin || (nothing_is_given_ && track == plan_.tracks.front());
  }

  // A chord that is asked for is played: by the last pitched track that could, where nothing else pitched does.
  bool has_to_sound(TrackName track, const CellBar& bar, std::span<const TrackCell> written, std::size_t left) const {
    const auto is_pitched = [](TrackName name) { return name.program != TrackName::kDrums; };
    if (plan_.chords.empty() || !is_pitched(track)) return false;
    if (std::ranges::none_of(chords_of(left), [](const auto& chord) { return chord.has_value(); })) return false;
    const auto last = std::ranges::find_if(plan_.tracks.rbegin(), plan_.tracks.rend(), is_pitched);
    const auto sounds = [&](const TrackCell& cell) { return is_pitched(cell.track) && !is_asked(cell.track); };
    return *last == track && std::ranges::none_of(bar.cells, sounds) &&
           std::ranges::none_of(written, is_pitched, &TrackCell::track);
  }

  // Empty where the track is silent.
  std::vector<TokenId> write_notes(TrackName track, bool may_be_silent) {
    TaskSequence question(cells_), name(cells_);
    question.ask(track, density(), std::nullopt);
    name.ask(track);
    context_.read({.asked = question.tokens(), .plain = name.tokens()});
    const auto before = grammar_->clone();
    accept(question.tokens());
    std::vector<TokenId> notes;
    while (true) {
      const TokenId token = draw(notes.empty(), may_be_silent, avoided_word(notes));
      if (token == cells_.silent()) {
        grammar_ = before->clone();
        context_.read(std::span(&token, 1));
        return {};
      }
      if (cells_.role(token) != TrackCells::Role::kNote) return notes;
      take(token, notes);
      if (notes.size() >= kMostTokensOfACell && grammar_->can_end()) return notes;
    }
  }

  // Leaves the end of the cell out while it has too few notes, and more notes once it has enough. Positions that would
  // leave too few places for the notes that are still missing are left out too, so that no cell runs out of room.
  void keep_to_density() {
    const auto wanted = TrackCells::notes_of(TrackCells::density_of(plan_.rules.notes_per_bar));
    const bool can_end = std::ranges::any_of(legal_, [this, token = TokenId{0}](std::uint8_t legal) mutable {
      const TrackCells::Role role = cells_.role(token++);
      return legal != 0 && (role == TrackCells::Role::kHead || role == TrackCells::Role::kName);
    });
    std::vector<TokenId> positions;
    for (TokenId token = 0; token < request_.facts.vocab_size(); ++token)
      if (legal_[std::size_t(token)] != 0 && cells_.is_position(token)) positions.push_back(token);
    const int missing = wanted.least - notes_;
    for (std::size_t i = 0; missing > 1 && i < positions.size(); ++i) {
      const bool leaves_room = i == 0 || positions.size() - i >= std::size_t(missing);
      legal_[std::size_t(positions[i])] = std::uint8_t(leaves_room);
    }
    if (!can_end || (missing > 0 && positions.empty())) return;
    for (TokenId token = 0; token < request_.facts.vocab_size(); ++token) {
      const bool is_note = cells_.role(token) == TrackCells::Role::kNote;
      if (is_note ? notes_ >= wanted.most : missing > 0 && token != cells_.silent()) legal_[std::size_t(token)] = 0;
    }
  }

  std::optional<int> density() const {
    const int notes = plan_.rules.notes_per_bar;
    return notes > 0 ? std::optional(TrackCells::density_of(notes)) : std::nullopt;
  }

  void take(TokenId token, std::vector<TokenId>& notes) {
    notes.push_back(token);
    ++drawn_;
    if (cells_.is_position(token)) at_once_ = 0;
    at_once_ += int(cells_.pitch(token).has_value());
    notes_ += int(cells_.pitch(token).has_value());
    grammar_->accept(token);
    context_.read(std::span(&token, 1));
  }

  // The old notes with other pitches. Empty where there are none.
  std::vector<TokenId> write_pitches(TrackName track, const TrackCell* old) {
    if (old == nullptr) return {};
    TaskSequence question(cells_);
    question.ask(track);
    context_.read(question.tokens());
    accept(question.tokens());
    std::vector<TokenId> notes;
    for (std::size_t i = 0; i < old->notes.size(); ++i) {
      const TokenId token = old->notes[i];
      take(cells_.pitch(token) ? new_pitch(token, notes_above(*old, i)) : token, notes);
    }
    return notes;
  }

  // How many notes of the cell follow at the same place.
  int notes_above(const TrackCell& cell, std::size_t pitch) const {
    int above = 0;
    for (std::size_t i = pitch + 1; i < cell.notes.size() && !cells_.is_position(cell.notes[i]); ++i)
      above += int(cells_.pitch(cell.notes[i]).has_value());
    return above;
  }

  // Pitches at one place rise, so as many as notes above have to be left; where the rules leave too few, others serve.
  TokenId new_pitch(TokenId old, int above) {
    grammar_->legal_tokens(legal_);
    std::vector<TokenId> legal;
    for (const bool by_rules : {true, false}) {
      legal.clear();
      for (TokenId token = 0; token < request_.facts.vocab_size(); ++token) {
        const bool is_free = !by_rules || allowed_[std::size_t(token)] != 0;
        if (legal_[std::size_t(token)] != 0 && cells_.pitch(token) && is_free) legal.push_back(token);
      }
      if (legal.size() > std::size_t(above)) break;
    }
    legal.resize(legal.size() - std::min(legal.size() - 1, std::size_t(above)));
    const bool stays = rng_.uniform() >= plan_.strength;
    if (stays && std::ranges::find(legal, old) != legal.end()) return old;
    std::ranges::fill(legal_, std::uint8_t{0});
    for (const TokenId token : legal) legal_[std::size_t(token)] = 1;
    return sample();
  }

  // A token that ends the cell is not counted: what it is has no meaning.
  TokenId sample() {
    const TokenId token = sampler_.sample(context_.logits(), legal_, rng_);
    if (cells_.role(token) == TrackCells::Role::kNote || token == cells_.silent())
      likelihood_.add(sampling::log_likelihood(context_.learned_logits(), token));
    return token;
  }

  // A word of the cell, or any other, which ends it. A cell that has been named begins with a note, or is silent.
  TokenId draw(bool begins, bool may_be_silent, std::optional<TokenId> avoided) {
    grammar_->legal_tokens(legal_);
    if (begins) {
      for (TokenId token = 0; token < request_.facts.vocab_size(); ++token)
        if (cells_.role(token) != TrackCells::Role::kNote) legal_[std::size_t(token)] = 0;
      legal_[std::size_t(cells_.silent())] = std::uint8_t(may_be_silent);
    }
    if (plan_.rules.notes_per_bar > 0) keep_to_density();
    const bool is_full = plan_.rules.most_at_once > 0 && at_once_ >= plan_.rules.most_at_once;
    for (const bool drums : {false, true}) {
      const TrackCells::PitchWords words = cells_.pitch_words(drums);
      for (TokenId token = words.first; token < words.first + words.count; ++token)
        legal_[std::size_t(token)] &= std::uint8_t(!is_full && allowed_[std::size_t(token)] != 0);
    }
    if (avoided && std::ranges::count(legal_, 1) > 1) legal_[std::size_t(*avoided)] = 0;
    return sample();
  }

  // The last cell of a track, and how many times in a row it has been played.
  struct Repeats {
    std::vector<TokenId> notes;
    int count = 0;
    // Whether these notes are the last ones again.
    bool add(const std::vector<TokenId>& next) {
      const bool is_equal = count > 0 && next == notes;
      count = is_equal ? count + 1 : 1;
      notes = next;
      return is_equal;
    }
  };

  const Request& request_;
  const CellPlan& plan_;
  const TrackCells& cells_;
  GuidedContext context_;
  std::unique_ptr<tokens::TokenGrammar> grammar_;
  sampling::Sampler sampler_;
  sampling::Likelihood& likelihood_;
  Rng rng_;
  std::vector<std::uint8_t> legal_, allowed_;  // by token; allowed_: what the rules leave to the track
  int at_once_ = 0, notes_ = 0;                // notes at the place that has been reached, and in the cell
  std::vector<Repeats> repeats_ = std::vector<Repeats>(plan_.tracks.size());  // of each asked track
  int equal_bars_ = 0;                                                        // in a row, of all asked tracks
  std::vector<TokenId> avoided_;  // the cell that the present one must not repeat; empty: any may come
  const bool nothing_is_given_ = std::ranges::all_of(plan_.bars, [](const CellBar& bar) { return bar.cells.empty(); });
  std::vector<TrackName> played_;  // tracks that have had notes
  std::size_t drawn_ = 0;
};

}  // namespace

Result<std::vector<std::vector<TrackCell>>> write_cells(const Request& request, const CellPlan& plan,
                                                        std::uint64_t seed, sampling::Likelihood& likelihood) {
  const double guidance = plan.guidance.value_or(plan.chords.empty() ? 1 : kUsualGuidance);
  CONTINUO_ASSIGN(GuidedContext context, GuidedContext::start(request, guidance));
  return CellWriter(request, plan, std::move(context), seed, likelihood).write();
}

}  // namespace continuo::generate
