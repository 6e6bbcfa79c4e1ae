#include "continuo/tokens/token_decoder.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"
#include "continuo/tokens/registry.h"

#include "random_score.h"
#include "subword_corpus.h"
#include "tokens_of_text.h"

namespace continuo::tokens {
namespace {

using score::Note;
using score::Score;

constexpr int kPieces = 25, kNotes = 60;

std::vector<std::string> all_names() {
  std::vector<std::string> all;
  for (const std::string_view name : tokenizer_names())
    for (const char* subwords : {"", "_bpe", "_unigram"}) all.push_back(std::string(name) + subwords);
  return all;
}

// All that a decoder gives, in the order in which it does, and after how many tokens.
struct Given {
  std::vector<DecodedNote> notes;
  std::vector<std::size_t> after;  // of each note
  std::vector<score::Tempo> tempos;
  std::vector<score::TimeSignature> time_signatures;
  Score score;
  std::string error;
};

Given feed(const Tokenizer& tokenizer, std::span<const TokenId> tokens) {
  Given given;
  const std::unique_ptr<TokenDecoder> decoder = tokenizer.decoder();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Result<DecodedStep> step = decoder->accept(tokens[i]);
    if (!step.ok()) {
      given.error = step.error().to_line();
      return given;
    }
    given.notes.insert(given.notes.end(), step->notes.begin(), step->notes.end());
    given.after.resize(given.notes.size(), i + 1);
    given.tempos.insert(given.tempos.end(), step->tempos.begin(), step->tempos.end());
    given.time_signatures.insert(given.time_signatures.end(), step->time_signatures.begin(),
                                 step->time_signatures.end());
  }
  Result<DecodedPiece> piece = decoder->finish();
  if (!piece.ok()) {
    given.error = piece.error().to_line();
    return given;
  }
  given.notes.insert(given.notes.end(), piece->notes.begin(), piece->notes.end());
  given.after.resize(given.notes.size(), tokens.size() + 1);
  given.score = std::move(piece->score);
  EXPECT_EQ(decoder->ticks_per_quarter(), given.score.ticks_per_quarter);
  return given;
}

// Notes of tracks, which are known by their instrument: in a score and given by a decoder.
using TrackNotes = std::vector<std::tuple<int, bool, std::vector<Note>>>;

TrackNotes notes_of(const Score& score) {
  TrackNotes tracks;
  for (const score::Track& track : score.tracks)
    if (!track.notes.empty()) tracks.emplace_back(track.program, track.is_drum, track.notes);
  for (auto& [program, is_drum, notes] : tracks) std::sort(notes.begin(), notes.end());
  std::sort(tracks.begin(), tracks.end());
  return tracks;
}

// `cuts`: a note ends where its pitch is struck again.
TrackNotes notes_of(const std::vector<DecodedNote>& given, bool cuts) {
  std::map<int, std::tuple<int, bool, std::vector<Note>>> by_track;
  for (const DecodedNote& each : given) {
    auto& [program, is_drum, notes] = by_track[each.track];
    EXPECT_TRUE(notes.empty() || (program == each.program && is_drum == each.is_drum));
    program = each.program;
    is_drum = each.is_drum;
    notes.push_back(each.note);
  }
  TrackNotes tracks;
  for (auto& [number, track] : by_track) {
    std::vector<Note>& notes = std::get<2>(track);
    std::sort(notes.begin(), notes.end());
    for (auto note = notes.begin(); cuts && note != notes.end(); ++note) {
      const auto next = std::find_if(note + 1, notes.end(), [&](const Note& n) { return n.pitch == note->pitch; });
      if (next != notes.end()) note->duration = std::min(note->duration, next->onset - note->onset);
    }
    std::sort(notes.begin(), notes.end());
    tracks.push_back(std::move(track));
  }
  std::sort(tracks.begin(), tracks.end());
  return tracks;
}

// Every tokenisation, and BPE and Unigram over each.
class TokenDecoders : public testing::TestWithParam<std::string> {
 protected:
  static std::shared_ptr<const Tokenizer> make(const std::string& name) {
    if (const auto at = name.find("_bpe"); at != std::string::npos)
      return trained_on_random_music(name.substr(0, at), WordSplit::kNone);
    if (const auto at = name.find("_unigram"); at != std::string::npos)
      return trained_on_random_music(name.substr(0, at) + " unigram", WordSplit::kBar);
    std::vector<Score> corpus;
    for (std::uint64_t seed = 0; seed < kPieces; ++seed) corpus.push_back(random_score(seed, kNotes));
    return make_tokenizer(name, corpus).value();
  }
  bool is(std::string_view name) const { return GetParam().starts_with(name); }

  // Pieces in tokens; those outside a learned vocabulary are left out.
  std::vector<std::vector<TokenId>> pieces() const {
    std::vector<std::vector<TokenId>> all;
    for (std::uint64_t seed = 0; seed < kPieces; ++seed)
      if (auto tokens = tokenizer_->encode(random_score(seed, kNotes)); tokens.ok()) all.push_back(std::move(*tokens));
    EXPECT_FALSE(all.empty());
    return all;
  }

  // Legal tokens at random, then the shortest way to an end.
  std::vector<TokenId> random_walk(std::uint64_t seed, int steps) const {
    Rng rng(seed);
    const std::unique_ptr<TokenGrammar> grammar = tokenizer_->grammar();
    std::vector<std::uint8_t> legal(std::size_t(tokenizer_->vocabulary().size()));
    std::vector<TokenId> tokens;
    for (int i = 0; i < steps || !grammar->can_end(); ++i) {
      grammar->legal_tokens(legal);
      const auto fits = [&](TokenId id) {
        return id != kEos && legal[std::size_t(id)] &&
               (i < steps || grammar->tokens_to_close_after(id) < grammar->tokens_to_close());
      };
      TokenId token = TokenId(rng.below(legal.size()));
      while (!fits(token)) token = (token + 1) % TokenId(legal.size());
      grammar->accept(token);
      tokens.push_back(token);
    }
    return tokens;
  }

  std::shared_ptr<const Tokenizer> tokenizer_ = make(GetParam());
};

INSTANTIATE_TEST_SUITE_P(All, TokenDecoders, testing::ValuesIn(all_names()),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(TokenDecoders, TokenByToken_GivesTheNotesOfTheWholePieceOnce) {
  for (const std::vector<TokenId>& tokens : pieces()) {
    const Given given = feed(*tokenizer_, tokens);
    ASSERT_EQ(given.error, "");
    const Score decoded = tokenizer_->decode(tokens).value();
    EXPECT_EQ(given.score, decoded);
    EXPECT_EQ(notes_of(given.notes, is("drum_grid")), notes_of(decoded));
  }
}

TEST_P(TokenDecoders, TemposAndTimeSignaturesGiven_AreThoseOfThePiece) {
  for (const std::vector<TokenId>& tokens : pieces()) {
    const Given given = feed(*tokenizer_, tokens);
    const auto tempos = given.tempos.empty() ? std::vector<score::Tempo>{{}} : given.tempos;
    EXPECT_EQ(tempos, given.score.tempos);
    auto meters = given.time_signatures;
    if (meters.empty() && !given.score.time_signatures.empty()) meters = {{}};
    EXPECT_EQ(meters, given.score.time_signatures);
  }
}

TEST_P(TokenDecoders, OnsetsOfNotesGiven_DoNotFall) {
  if (is("performance") || is("midi_like") || is("mmm") || is("bar_tracks") || is("chorale_grid")) return;
  for (const std::vector<TokenId>& tokens : pieces()) {
    const Given given = feed(*tokenizer_, tokens);
    const std::int64_t slack = is("drum_grid") || is("per_tok") ? given.score.ticks_per_quarter / 4 : 0;
    for (std::size_t i = 1; i < given.notes.size(); ++i)
      EXPECT_GE(given.notes[i].note.onset.value + slack, given.notes[i - 1].note.onset.value);
  }
}

// The tokens up to a note's are enough: another continuation leaves it as it is.
TEST_P(TokenDecoders, NoteGiven_IsThatOfEverySequenceWithTheSameBeginning) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const std::vector<TokenId> tokens = random_walk(seed, 120);
    const Given given = feed(*tokenizer_, tokens);
    const auto decoder = tokenizer_->decoder();
    std::size_t notes = 0;
    for (std::size_t i = 0; i < tokens.size() / 2; ++i) {
      const DecodedStep step = decoder->accept(tokens[i]).value();
      for (const DecodedNote& note : step.notes) {
        ASSERT_LT(notes, given.notes.size());
        EXPECT_EQ(given.after[notes], i + 1);
        EXPECT_EQ(note, given.notes[notes++]);
      }
    }
  }
}

// As the header says of tokens that encode no piece.
TEST_P(TokenDecoders, LegalTokensOfNoPiece_GiveItsStrikes) {
  const auto strikes = [](TrackNotes tracks) {
    std::vector<std::tuple<int, bool, std::int64_t, int>> found;
    for (const auto& [program, is_drum, notes] : tracks)
      for (const Note& note : notes) found.emplace_back(program, is_drum, note.onset.value, note.pitch);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  };
  if (is("per_tok") || is("structured") || is("mmm")) return;             // onsets off the grid
  if (is("arrival_time") || is("timed_notes") || is("abc_char")) return;  // overlong silences
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<TokenId> tokens = random_walk(seed, 150);
    const Given given = feed(*tokenizer_, tokens);
    const Result<Score> decoded = tokenizer_->decode(tokens);
    if (!decoded.ok()) {
      EXPECT_EQ(given.error, decoded.error().to_line());
      continue;
    }
    EXPECT_EQ(given.score, *decoded);
    EXPECT_EQ(strikes(notes_of(given.notes, false)), strikes(notes_of(*decoded)));
  }
}

TEST_P(TokenDecoders, BrokenSequence_HasTheErrorOfDecode) {
  std::size_t broken = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed);
    const auto encoded = tokenizer_->encode(random_score(seed % 10, kNotes));
    if (!encoded.ok()) continue;
    std::vector<TokenId> tokens = *encoded;
    const std::size_t at = rng.below(tokens.size());
    switch (rng.below(4)) {
      case 0:
        tokens[at] = TokenId(rng.below(std::uint64_t(tokenizer_->vocabulary().size())));
        break;
      case 1:
        tokens.erase(tokens.begin() + std::ptrdiff_t(at));
        break;
      case 2:
        tokens.resize(at);
        break;
      default:
        tokens[at] = rng.below(2) == 0 ? -1 : TokenId(tokenizer_->vocabulary().size());
        break;
    }
    tokens.insert(tokens.begin(), kBos);
    const Result<Score> decoded = tokenizer_->decode(tokens);
    const Given given = feed(*tokenizer_, tokens);
    EXPECT_EQ(given.error, decoded.ok() ? "" : decoded.error().to_line());
    // The grammar names the same token.
    if (decoded.ok() || std::count(tokens.begin() + 1, tokens.end(), TokenId(0)) > 0) continue;
    ++broken;
    const bool has_special =
        std::any_of(tokens.begin() + 1, tokens.end(), [](TokenId id) { return id >= 0 && id < kSpecialTokens; });
    if (has_special) continue;
    const std::ptrdiff_t violation = first_violation(*tokenizer_->grammar(), tokens);
    EXPECT_EQ(decoded.error().where, "token " + std::to_string(violation));
  }
  EXPECT_GT(broken, 10u);
}

// Each line: words, and how many notes have been given after each of them.
TEST(TokenDecoderLatency, NoteIsGivenByTheTokenThatTellsItsLastAttribute) {
  const auto counts = [](std::string_view name, std::string_view words) {
    const auto tokenizer = make_tokenizer(name).value();
    const auto decoder = tokenizer->decoder();
    std::string text;
    std::size_t notes = 0;
    for (const TokenId token : tokens_of(*tokenizer, words)) {
      notes += decoder->accept(token).value().notes.size();
      text += std::to_string(notes);
    }
    return text + "+" + std::to_string(decoder->finish().value().notes.size());
  };
  EXPECT_EQ(counts("remi", "Bar TimeSig_4/4 Position_0 Tempo_120 Program_0 Pitch_60 Velocity_9 Duration_12"),
            "00000001+0");
  EXPECT_EQ(counts("performance", "Velocity_9 NoteOn_60 TimeShift_10 NoteOff_60"), "0001+0");
  EXPECT_EQ(counts("arrival_time", "Time_3 Duration_10 Note_0_60 Time_3 Duration_10 Note_0_62"), "001112+0");
  EXPECT_EQ(counts("autobot", "n60 d4 n55 d4 xxsep d4 n60 d2"), "01122223+0");
  EXPECT_EQ(counts("drum_grid", "Bar Step_0 Hit_kick Velocity_9 Offset_0 Hit_snare Velocity_9 Offset_0"), "00001112+0");
  EXPECT_EQ(counts("abc_char", "C , 4 [ C E ] 1 2 c ' | ]"), "0001111113344+0");
  EXPECT_EQ(counts("chorale_grid", "Pitch_72 Rest Rest Rest Pitch_72 Pitch_60 Rest Rest Pitch_71 Pitch_60 Rest Rest"),
            "000000001111+2");
}

TEST(TokenDecoderOfSubwords, SubwordAtFaultIsNamed) {
  const auto tokenizer = trained_on_random_music("remi", WordSplit::kBar);
  std::vector<TokenId> tokens = tokenizer->encode(random_score(3, 40)).value();
  const auto word = tokenizer->vocabulary().find("Duration_12").value();
  tokens.insert(tokens.begin() + 1, word);
  const auto decoder = tokenizer->decoder();
  ASSERT_TRUE(decoder->accept(tokens[0]).ok());
  const auto step = decoder->accept(tokens[1]);
  ASSERT_FALSE(step.ok());
  EXPECT_EQ(step.error().code, ErrorCode::invalid_tokens);
  EXPECT_EQ(step.error().where, "token 1");
  EXPECT_NE(step.error().what.find("'Duration_12'"), std::string::npos);
}

}  // namespace
}  // namespace continuo::tokens
