#pragma once

#include <memory>

#include "continuo/tokens/beat_options.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// The members of the family, one each. Requires: options that check_options() takes.
std::shared_ptr<const Tokenizer> make_remi_plus(const BeatOptions& options);
std::shared_ptr<const Tokenizer> make_tsd(const BeatOptions& options);
std::shared_ptr<const Tokenizer> make_midi_like(const BeatOptions& options);
std::shared_ptr<const Tokenizer> make_structured(const BeatOptions& options);
std::shared_ptr<const Tokenizer> make_cp_word(const BeatOptions& options);
std::shared_ptr<const Tokenizer> make_octuple(const BeatOptions& options);
std::shared_ptr<const Tokenizer> make_mumidi(const BeatOptions& options);
std::shared_ptr<const Tokenizer> make_mmm(const BeatOptions& options);
std::shared_ptr<const Tokenizer> make_bar_tracks(const BeatOptions& options);
// Requires too: ticks_per_beat is a multiple of all steps.
std::shared_ptr<const Tokenizer> make_per_tok(const BeatOptions& options);

}  // namespace continuo::tokens
