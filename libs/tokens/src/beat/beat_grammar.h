#pragma once

#include <bitset>
#include <memory>

#include "../core/grid_notes.h"
#include "../core/word_grammar.h"
#include "beat_clock.h"
#include "word_graph.h"

namespace continuo::tokens {

// What the grammars of one tokenisation of the beat family share.
struct BeatLanguage {
  BeatWords words;
  WordGraph graph;
  bool program_follows = false;  // a note's Program stands behind its Pitch
  bool unordered = false;        // notes at one time have no order
  BeatLanguage(const BeatOptions& options, const BeatParts& parts) : words(options, parts) {}
};

// A grammar of the beat family: kinds of word by its graph, and of their values: positions rise within a bar and
// lie within its meter; where overlaps are cut, notes at one time rise by program (drums last), then pitch; drums have
// drums' pitches; a time signature begins where a bar does and changes something; a pedal that is down comes up. A copy
// shares the language.
class BeatGrammar : public WordGrammar {
 public:
  explicit BeatGrammar(std::shared_ptr<const BeatLanguage> language)
      : WordGrammar(language->words), language_(std::move(language)), state_(language_->words) {}
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<BeatGrammar>(*this); }
  void reset() override { state_ = State(language_->words); }
  void accept(TokenId token) override;
  bool accept_if_legal(TokenId token) override;
  bool can_end() const override { return tokens_to_close() == 0; }
  int tokens_to_close() const override;
  int tokens_to_close_after(TokenId token) const override;

 protected:
  struct State {
    explicit State(const BeatWords& words) : clock(words) {}
    BeatClock clock;
    int node = WordGraph::kStart;
    int program = -1;             // that a Program word has named
    int last_program = -1;        // of the notes at this time, as is the next
    int last_pitch = -1;          // the word's value
    int position = -1;            // in this bar
    bool after_rest = false;      // that no Position has followed
    bool is_drum = false;         // the last note
    bool has_notes = false;       // in this track
    std::bitset<kVoices> pedals;  // that are down
  };

  Values legal_values(WordKind kind) const override;
  bool picks(WordKind kind) const override { return kind == WordKind::kPedal || kind == WordKind::kPedalEnd; }
  int durations_within(double quarters) const override;
  bool is_picked(WordKind kind, int value) const override {
    return state_.pedals[std::size_t(value)] == (kind == WordKind::kPedalEnd);
  }
  // The values that rules of order leave to a kind that may come next.
  virtual Values ordered_values(WordKind kind) const;
  virtual void advance(State& state, Word word) const;
  // The state as it would be after `token`.
  State after(TokenId token) const;
  int close_distance(int node, bool has_notes, std::size_t pedals) const;

  const BeatWords& words() const { return language_->words; }
  const WordGraph& graph() const { return language_->graph; }
  const State& state() const { return state_; }

 private:
  int positions_in_bar() const { return state_.clock.meter().numerator * words().positions_per_beat(); }
  Values ordered_programs() const;
  Values ordered_pitches(WordKind kind) const;
  bool last_pitch_is_top() const;
  bool in_order() const { return words().options().overlaps == NoteOverlaps::kCut && !language_->unordered; }

  std::shared_ptr<const BeatLanguage> language_;
  State state_;
};

}  // namespace continuo::tokens
