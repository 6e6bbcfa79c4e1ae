#include "abc_fuzz.h"

#include "continuo/notation/abc.h"

#include "fuzz_checks.h"

namespace continuo::notation {
namespace {

constexpr std::string_view kTune =
    "X:1\nT:a\nM:6/8\nL:1/8\nQ:3/8=100\nP:A(B2)3\nH:b\nc\nK:D dor ^f\nP:A\n|:\"Am\"A>B(3cde{g}[CEG]2-|[CEG]6:|[1 z3 "
    "Z2|[2 !fine!A6|]\n"
    "w:a-b_c *|~d\\-e\nw:f--g h\nP:B\nV:2 clef=bass\n[K:G][M:C]_A,/4&^^c'3/2|::x8:|\n";

}  // namespace

std::string fuzz_abc(std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto book = read_abc_book(text);
  if (!book.ok()) return book.error().what.empty() ? "an error without a reason" : "";
  for (const Piece& tune : book->tunes) {
    if (tune.score.note_count() == 0) return "a tune without a note";
    if (std::string what = violation_of(tune.score, 1); !what.empty()) return what;
  }
  return "";
}

std::vector<std::vector<std::uint8_t>> abc_seeds() { return {{kTune.begin(), kTune.end()}}; }

}  // namespace continuo::notation
