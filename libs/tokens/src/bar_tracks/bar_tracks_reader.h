#pragma once

#include <array>
#include <vector>

#include "../beat/beat_reader.h"
#include "../beat/task_words.h"

namespace continuo::tokens {

// Reads bars of cells. A note is whole with its Duration.
class BarTracksReader final : public BeatReader {
 public:
  explicit BarTracksReader(const BeatWords& words);
  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override;

 private:
  void accept(Word word, DecodedEvents* events);
  void accept_change(Word word, DecodedEvents* events);
  // Parts before it get a voice too, so that those of one program are in the order of their numbers.
  std::uint16_t voice(int program, int part);

  BeatClock clock_;
  GridNote note_;
  int program_ = 0, part_ = 0, meter_ = -1, tempo_ = -1;
  std::array<std::vector<std::uint16_t>, kVoices> voices_;  // by program and part
};

}  // namespace continuo::tokens
