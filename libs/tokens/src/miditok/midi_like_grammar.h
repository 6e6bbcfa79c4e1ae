#pragma once

#include <array>
#include <utility>
#include <vector>

#include "../beat/beat_grammar.h"

namespace continuo::tokens {

// The beat family's grammar with notes that sound until they are ended: a note ends later than it begins; where
// overlaps are cut, a pitch that sounds is not struck again before it has ended; nothing sounds at the end.
class MidiLikeGrammar final : public BeatGrammar {
 public:
  explicit MidiLikeGrammar(std::shared_ptr<const BeatLanguage> language) : BeatGrammar(std::move(language)) {
    places_.fill(kNowhere);
  }
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<MidiLikeGrammar>(*this); }
  void reset() override;
  void accept(TokenId token) override;
  int tokens_to_close() const override;
  int tokens_to_close_after(TokenId token) const override;

 private:
  // The notes of one program that sound.
  struct Sounding {
    std::array<std::uint8_t, 128> notes{}, struck{};  // by pitch word: all, and those of them struck at this time
    int pitches = 0;                                  // that sound
    int endable = 0;                                  // notes not struck at this time
    int can_end(int pitch) const { return notes[std::size_t(pitch)] - struck[std::size_t(pitch)]; }
  };
  bool picks(WordKind kind) const override;
  bool is_picked(WordKind kind, int value) const override;
  bool program_can_go_on(int program) const;
  const Sounding* sounding(int program) const;
  Sounding& make_sounding(int program);
  int program_of(WordKind kind) const;
  // Every note that sounds takes its end, with a Program before it where programs are named; those struck now also a
  // wait. A note that must be struck first is one of them.
  int distance(const State& state, int sounding_notes, bool any_struck) const;
  bool names_programs() const { return words().has(WordKind::kProgram); }
  void strike(int program, int pitch);
  void end(int program, int pitch);
  void let_time_pass();

  static constexpr std::uint8_t kNowhere = 0xFF;
  std::array<std::uint8_t, kVoices> places_;  // of programs in sounding_
  std::vector<Sounding> sounding_;
  std::vector<std::pair<std::uint8_t, std::uint8_t>> struck_now_;  // places and pitches, at this time
  int sounding_notes_ = 0, struck_notes_ = 0;
};

}  // namespace continuo::tokens
