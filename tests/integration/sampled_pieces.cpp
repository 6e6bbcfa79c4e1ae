// Composes N pieces with a model, each with another seed and no filter on the draw, and holds every one against the
// tokenisation's grammar: legal from first to last token, decodable, every note ends, and the MIDI file reads back.
// Usage: continuo_sampled_pieces MODEL.safetensors N [BARS]

#include <cstdio>
#include <cstdlib>
#include <string>

#include "continuo/generate/compose.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"
#include "continuo/tokens/token_grammar.h"

namespace {

using namespace continuo;

// What is wrong with a piece, or empty.
std::string fault_of(const generate::Composer& composer, const generate::Composition& piece) {
  const auto grammar = composer.tokenizer->grammar();
  if (const auto place = tokens::first_violation(*grammar, piece.tokens); place >= 0) {
    return "token " + std::to_string(place) + " breaks the grammar";
  }
  if (const auto decoded = composer.tokenizer->decode(piece.tokens); !decoded.ok()) return decoded.error().to_line();
  for (const auto& track : piece.score.tracks) {
    for (const auto& note : track.notes) {
      if (note.duration.value <= 0) return "a note has no length";
    }
  }
  const auto bytes = notation::write_midi(piece.score);
  if (!bytes.ok()) return bytes.error().to_line();
  const auto again = notation::read_midi(*bytes);
  if (!again.ok()) return again.error().to_line();
  return again->note_count() == piece.score.note_count() ? "" : "the MIDI file has other notes";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: continuo_sampled_pieces MODEL N [BARS]\n", stderr), 2;
  const auto checkpoint = checkpoint::Checkpoint::open(argv[1]);
  if (!checkpoint.ok()) return std::fprintf(stderr, "%s\n", checkpoint.error().to_line().c_str()), 1;
  const auto composer = generate::Composer::load(*checkpoint);
  if (!composer.ok()) return std::fprintf(stderr, "%s\n", composer.error().to_line().c_str()), 1;
  ThreadPool threads(1);
  NoProgress silent;
  std::size_t notes = 0, tokens = 0;
  int faults = 0;
  const int count = std::atoi(argv[2]);
  for (int seed = 0; seed < count; ++seed) {
    generate::ComposeOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    options.length = {generate::LengthUnit::kBars, argc > 3 ? std::atof(argv[3]) : 4.0};
    const auto piece = generate::compose(*composer, options, threads, silent);
    const auto fault = piece.ok() ? fault_of(*composer, *piece) : piece.error().to_line();
    if (!fault.empty()) std::printf("seed %d: %s\n", seed, fault.c_str()), ++faults;
    if (piece.ok()) notes += piece->score.note_count(), tokens += piece->tokens.size();
  }
  std::printf("%d pieces, %zu tokens, %zu notes; %d break the grammar\n", count, tokens, notes, faults);
  return faults == 0 ? 0 : 1;
}
