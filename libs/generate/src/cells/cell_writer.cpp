#include "cell_writer.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "continuo/base/rng.h"
#include "continuo/sampling/sampler.h"
#include "continuo/score/general_midi.h"
#include "continuo/tokens/task_sequence.h"
#include "continuo/tokens/vocabulary.h"

#include "drawn_chords.h"
#include "guided_context.h"
#include "kept_pitches.h"
#include "locked_notes.h"
#include "repeats.h"
#include "rests.h"

namespace continuo::generate {
namespace {

using tokens::CellBar;
using tokens::TaskSequence;
using tokens::TrackCell;
using tokens::TrackCells;
using tokens::TrackName;

constexpr std::size_t kMostTokensOfACell = 384;
constexpr std::size_t kMostBarsAhead = 4;  // as in training
constexpr double kUsualGuidance = 2;       // of chords

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
        legal_(std::size_t(request.facts.vocab_size())),
        is_locked_(locked_words()),
        repeats_(cells_, plan.tracks.size()) {
    for (const TrackName track : plan.tracks) allowed_pitches_.push_back(find_allowed_pitches(track));
    grammar_->limit_notes(request.limits.note);
  }

  Result<WrittenCells> write() {
    give_what_is_around();
    std::vector<std::vector<TrackCell>> written;
    for (std::size_t i = plan_.begin; i < plan_.end; ++i) {
      if (request_.progress.stop_requested()) return interrupted();
      const auto repeated = plan_.repeated.empty() ? std::nullopt : plan_.repeated[i - plan_.begin];
      const std::size_t left = plan_.end - i - 1;
      begin_bar(plan_.bars[i], left, repeated);
      written.push_back(repeated ? repeat_bar(written[*repeated]) : write_bar(plan_.bars[i], left));
      request_.progress.update(written.size(), plan_.end - plan_.begin, std::to_string(drawn_) + " tokens");
    }
    return WrittenCells{.bars = std::move(written), .chords = std::move(chords_)};
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

  // What the instrument can play, and what the piece has it play.
  score::PitchSpan reach_of(TrackName track) const {
    score::PitchSpan reach = score::program_range(std::uint8_t(track.program));
    for (const CellBar& bar : plan_.bars) {
      const TrackCell* cell = bar.find(track);
      for (const TokenId token : cell == nullptr ? std::span<const TokenId>() : std::span(cell->notes)) {
        const int pitch = cells_.pitch(token).value_or(reach.lowest);
        reach = {std::min(reach.lowest, pitch), std::max(reach.highest, pitch)};
      }
    }
    return reach;
  }

  // Which pitch words a track may use, as the rules have it. Where its instrument could play none of them that is not
  // locked, the other rules count alone.
  std::vector<std::uint8_t> find_allowed_pitches(TrackName track) const {
    std::vector<std::uint8_t> allowed(legal_.size(), 1);
    if (track.program == TrackName::kDrums) return allowed;
    const TrackCells::PitchWords words = cells_.pitch_words(false);
    const auto keep_within = [&](score::PitchSpan reach) {
      int free = 0;
      for (int pitch = words.lowest; pitch < words.lowest + words.count; ++pitch) {
        const auto token = std::size_t(words.first + pitch - words.lowest);
        const bool is_in_reach = pitch >= reach.lowest && pitch <= reach.highest;
        allowed[token] = std::uint8_t(is_in_reach && plan_.rules.allows(pitch));
        free += int(allowed[token] != 0 && is_locked_[token] == 0);
      }
      return free > 0;
    };
    if (!plan_.rules.keeps_to_instruments || !keep_within(reach_of(track))) keep_within({});
    return allowed;
  }

  // The asked bar that so many follow, counted from the first.
  std::size_t asked_bar(std::size_t left) const { return plan_.end - plan_.begin - left - 1; }

  // Of that bar. Requires: chords.
  const score::BarChords& chords_of(std::size_t left) const { return chords_[asked_bar(left)]; }

  // What is given of a bar, and its chords. `repeated`: the earlier one that it repeats.
  void begin_bar(const CellBar& bar, std::size_t left, std::optional<std::size_t> repeated) {
    TaskSequence given(cells_);
    given.head(bar.head, plan_.counts_down ? std::optional(left) : std::nullopt);
    for (const TrackCell& cell : bar.cells)
      if (!is_asked(cell.track)) given.given(cell);
    context_.add_bar({});
    context_.read(given.tokens());
    accept(bar.head);
    places_per_quarter_ = cells_.places_per_quarter(bar.head);
    if (plan_.chords.empty() && !plan_.draws_chords) return;
    if (plan_.draws_chords && !repeated) {
      const ChordRoom room{.has_halves = cells_.has_halves(bar.head), .allowed = plan_.rules.pitch_classes};
      chords_.push_back(draw_chords(cells_, room, sampler_, rng_, context_));
      return;
    }
    if (plan_.draws_chords) chords_.push_back(chords_[*repeated]);
    std::vector<TokenId> chords;
    cells_.append_chords(chords_of(left), chords);
    read_chords(chords, context_);
  }

  // The model reads what it has written earlier as if it wrote it again.
  std::vector<TrackCell> repeat_bar(const std::vector<TrackCell>& cells) {
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
    repeats_.begin_bar();
    std::vector<TrackCell> written;
    for (std::size_t i = 0; i < plan_.tracks.size(); ++i) {
      const TrackName track = plan_.tracks[i];
      const bool may_be_silent = !has_to_play(track, left) && !has_to_sound(track, bar, written, left);
      repeats_.begin_cell(i);
      TrackCell cell{.track = track, .notes = write_cell(track, bar.find(track), may_be_silent)};
      repeats_.end_cell(i, cell.notes);
      rests_.add(i, asked_bar(left), !cell.notes.empty());
      if (!cell.notes.empty()) written.push_back(std::move(cell));
    }
    repeats_.end_bar();
    return written;
  }

  // `old`: what the track had there, null for nothing.
  std::vector<TokenId> write_cell(TrackName track, const TrackCell* old, bool may_be_silent) {
    const std::span<const TokenId> before = old == nullptr ? std::span<const TokenId>() : old->notes;
    allowed_ = allowed_pitches_[place_of(track)];
    at_once_ = notes_ = 0;
    kept_.reset();
    locked_.emplace(cells_, locked_among(before), is_locked_);
    switch (plan_.keep) {
      case Keep::kRhythm:
        return write_pitches(track, before);
      case Keep::kPitches:
        if (before.empty()) return {};
        kept_.emplace(cells_, notes_in(cells_, before), plan_.strength, rng_);
        return write_notes(track, false);
      case Keep::kNothing:
        return write_notes(track, may_be_silent);
    }
    return {};
  }

  // By token: whether the plan locks the pitch.
  std::vector<std::uint8_t> locked_words() const {
    std::vector<std::uint8_t> is_locked(legal_.size());
    for (TokenId token = 0; token < TokenId(is_locked.size()); ++token) {
      const auto pitch = cells_.pitch(token);
      is_locked[std::size_t(token)] = std::uint8_t(pitch && is_in(plan_.locked, *pitch));
    }
    return is_locked;
  }

  std::vector<NoteWords> locked_among(std::span<const TokenId> tokens) const {
    std::vector<NoteWords> notes = notes_in(cells_, tokens);
    std::erase_if(notes, [&](const NoteWords& note) { return is_locked_[std::size_t(note.pitch)] == 0; });
    return notes;
  }

  // Among the tracks that are asked for.
  std::size_t place_of(TrackName track) const {
    return std::size_t(std::ranges::find(plan_.tracks, track) - plan_.tracks.begin());
  }

  bool has_to_play(TrackName track, std::size_t left) const {
    if (std::ranges::find(plan_.must_play, track) == plan_.must_play.end()) return false;
    if (rests_.must_play(place_of(track), asked_bar(left))) return true;
    if (rests_.has_played(place_of(track))) return false;
    return 2 * left < plan_.end - plan_.begin || (nothing_is_given_ && track == plan_.tracks.front());
  }

  // A chord that is asked for is played: by the last pitched track that could, where nothing else pitched does.
  bool has_to_sound(TrackName track, const CellBar& bar, std::span<const TrackCell> written, std::size_t left) const {
    const auto is_pitched = [](TrackName name) { return name.program != TrackName::kDrums; };
    if (chords_.empty() || !is_pitched(track)) return false;
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
      const TokenId token = draw(notes.empty(), may_be_silent, repeats_.avoided_word(notes));
      if (token == cells_.silent()) {
        grammar_ = before->clone();
        context_.read(std::span(&token, 1));
        return {};
      }
      if (cells_.role(token) != TrackCells::Role::kNote) return notes;
      take(token, notes);
      const bool is_long = notes.size() >= kMostTokensOfACell && !kept_;  // pitches that are kept are not endless
      if (is_long && grammar_->can_end()) return notes;
    }
  }

  // The bar line is on every grid, so a cell can always begin.
  void keep_to_grid() {
    for (TokenId token = 0; token < request_.facts.vocab_size(); ++token) {
      if (!cells_.is_position(token)) continue;
      const bool is_on_grid = cells_.place(token) * plan_.rules.grid % std::max(1, places_per_quarter_) == 0;
      legal_[std::size_t(token)] &= std::uint8_t(is_on_grid);
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
    if (kept_) kept_->take(token);
    locked_->take(token);
    grammar_->accept(token);
    context_.read(std::span(&token, 1));
  }

  // The old notes with other pitches, but for those that are locked. Empty where there are none.
  std::vector<TokenId> write_pitches(TrackName track, std::span<const TokenId> old) {
    if (old.empty()) return {};
    TaskSequence question(cells_);
    question.ask(track);
    context_.read(question.tokens());
    accept(question.tokens());
    std::vector<TokenId> notes;
    for (std::size_t i = 0; i < old.size(); ++i) {
      const bool is_new = cells_.pitch(old[i]) && is_locked_[std::size_t(old[i])] == 0;
      take(is_new ? new_pitch(old[i], above(old.subspan(i + 1))) : old[i], notes);
    }
    return notes;
  }

  // What follows a note at the same place: so many that are free, until one that is locked, if one is.
  struct Above {
    int free = 0;
    std::optional<TokenId> locked;
  };
  Above above(std::span<const TokenId> rest) const {
    Above above;
    for (std::size_t i = 0; i < rest.size() && !cells_.is_position(rest[i]); ++i) {
      if (!cells_.pitch(rest[i])) continue;
      if (is_locked_[std::size_t(rest[i])] != 0) return {above.free, rest[i]};
      ++above.free;
    }
    return above;
  }

  // Pitches at one place rise, so as many as notes above have to be left below a locked one; where the rules leave too
  // few, others serve.
  TokenId new_pitch(TokenId old, const Above& above) {
    grammar_->legal_tokens(legal_);
    const bool stays = rng_.uniform() >= plan_.strength;
    if (stays && legal_[std::size_t(old)] != 0) return old;
    std::vector<TokenId> legal;
    for (const bool by_rules : {true, false}) {
      legal.clear();
      for (TokenId token = 0; token < above.locked.value_or(request_.facts.vocab_size()); ++token) {
        const bool is_free = is_locked_[std::size_t(token)] == 0 && (!by_rules || allowed_[std::size_t(token)] != 0);
        if (legal_[std::size_t(token)] != 0 && cells_.pitch(token) && is_free) legal.push_back(token);
      }
      if (legal.size() > std::size_t(above.free)) break;
    }
    if (legal.size() <= std::size_t(above.free)) return old;
    legal.resize(legal.size() - std::size_t(above.free));
    std::ranges::fill(legal_, std::uint8_t{0});
    for (const TokenId token : legal) legal_[std::size_t(token)] = 1;
    return sample();
  }

  // A token that ends the cell is not counted: what it is has no meaning.
  TokenId sample() {
    const TokenId token = sampler_.sample(context_.logits(legal_), legal_, rng_);
    if (cells_.role(token) == TrackCells::Role::kNote || token == cells_.silent())
      likelihood_.add(sampling::log_likelihood(context_.learned_logits(), token));
    return token;
  }

  // A word of the cell, or any other, which ends it. A cell that has been named begins with a note, or is silent.
  TokenId draw(bool begins, bool may_be_silent, std::optional<TokenId> avoided) {
    grammar_->legal_tokens(legal_);
    const std::vector<std::uint8_t> grammar = locked_->empty() ? std::vector<std::uint8_t>() : legal_;
    if (begins) {
      for (TokenId token = 0; token < request_.facts.vocab_size(); ++token)
        if (cells_.role(token) != TrackCells::Role::kNote) legal_[std::size_t(token)] = 0;
      legal_[std::size_t(cells_.silent())] = std::uint8_t(may_be_silent);
    }
    if (plan_.rules.grid > 0) keep_to_grid();
    if (plan_.rules.notes_per_bar > 0) keep_to_density();
    const bool is_full = plan_.rules.most_at_once > 0 && at_once_ >= plan_.rules.most_at_once;
    for (const bool drums : {false, true}) {
      const TrackCells::PitchWords words = cells_.pitch_words(drums);
      for (TokenId token = words.first; token < words.first + words.count; ++token)
        legal_[std::size_t(token)] &= std::uint8_t(!is_full && allowed_[std::size_t(token)] != 0);
    }
    if (kept_) kept_->limit(legal_);
    if (!plan_.locked.empty()) locked_->limit(grammar, legal_);
    if (avoided && std::ranges::count(legal_, 1) > 1) legal_[std::size_t(*avoided)] = 0;
    return sample();
  }

  const Request& request_;
  const CellPlan& plan_;
  const TrackCells& cells_;
  GuidedContext context_;
  std::unique_ptr<tokens::TokenGrammar> grammar_;
  sampling::Sampler sampler_;
  sampling::Likelihood& likelihood_;
  Rng rng_;
  std::vector<std::vector<std::uint8_t>> allowed_pitches_;  // of each asked track, by token
  std::vector<std::uint8_t> legal_, allowed_;               // by token; allowed_: what the rules leave to the track
  int places_per_quarter_ = 1;                              // in the present bar
  int at_once_ = 0, notes_ = 0;                             // notes at the place that has been reached, and in the cell
  const std::vector<std::uint8_t> is_locked_;               // by token
  std::optional<KeptPitches> kept_;                         // of the present cell, as the next
  std::optional<LockedNotes> locked_;
  Repeats repeats_;
  const bool nothing_is_given_ = std::ranges::all_of(plan_.bars, [](const CellBar& bar) { return bar.cells.empty(); });
  std::vector<score::BarChords> chords_ = plan_.chords;  // of the asked bars, so far where they are drawn
  Rests rests_{plan_.tracks.size(), plan_.end - plan_.begin, plan_.repeated, plan_.rests_from, plan_.longest_rest};
  std::size_t drawn_ = 0;
};

// Chords are for pitches, but of drums; notes a bar for every word of a cell that is played.
std::vector<std::uint8_t> guided_words(const TrackCells& cells, const CellPlan& plan, std::size_t vocab) {
  if (plan.rules.notes_per_bar > 0) {
    std::vector<std::uint8_t> guided(vocab, 1);
    guided[std::size_t(cells.silent())] = 0;
    return guided;
  }
  std::vector<std::uint8_t> guided(vocab);
  const TrackCells::PitchWords words = cells.pitch_words(false);
  std::fill_n(guided.begin() + words.first, words.count, std::uint8_t{1});
  return guided;
}

}  // namespace

Result<WrittenCells> write_cells(const Request& request, const CellPlan& plan, std::uint64_t seed,
                                 sampling::Likelihood& likelihood) {
  const bool has_chords = plan.draws_chords || !plan.chords.empty();
  const double guidance = plan.guidance.value_or(has_chords ? kUsualGuidance : 1);
  CONTINUO_ASSIGN(GuidedContext context,
                  GuidedContext::start(request, guidance,
                                       guided_words(*request.composer.tokenizer->track_cells(), plan,
                                                    std::size_t(request.facts.vocab_size()))));
  return CellWriter(request, plan, std::move(context), seed, likelihood).write();
}

}  // namespace continuo::generate
