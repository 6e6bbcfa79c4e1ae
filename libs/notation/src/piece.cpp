#include "continuo/notation/piece.h"

#include <array>

#include "continuo/midi/event.h"

namespace continuo::notation {
namespace {

// Source: Standard MIDI Files 1.0: types 1 to 15 are text.
constexpr std::uint8_t kLastTextType = 0x0F;

// Sorts of side events, as messages name them.
enum class Sort { lyric, copyright, text, system_exclusive, sequencer_specific, smpte_offset, other };

struct SortText {
  std::string_view one, many;
};

// In the order of Sort.
constexpr std::array kSorts = {SortText{"lyric", "lyrics"},
                               SortText{"copyright notice", "copyright notices"},
                               SortText{"text", "texts"},
                               SortText{"system exclusive message", "system exclusive messages"},
                               SortText{"sequencer's own event", "sequencer's own events"},
                               SortText{"SMPTE offset", "SMPTE offsets"},
                               SortText{"other meta event", "other meta events"}};

Sort sort_of(const SideEvent& event) {
  if (event.status != static_cast<std::uint8_t>(midi::EventKind::meta)) return Sort::system_exclusive;
  switch (event.type) {
    case midi::meta::kLyric:
      return Sort::lyric;
    case midi::meta::kCopyright:
      return Sort::copyright;
    case midi::meta::kSequencerSpecific:
      return Sort::sequencer_specific;
    case midi::meta::kSmpteOffset:
      return Sort::smpte_offset;
    default:
      return midi::meta::kText <= event.type && event.type <= kLastTextType ? Sort::text : Sort::other;
  }
}

}  // namespace

void note_lost_side_events(const Piece& piece, std::string_view reason, Diagnostics& diagnostics) {
  std::array<std::size_t, kSorts.size()> counts{};
  for (const SideTrack& track : piece.side_tracks) {
    for (const SideEvent& event : track.events) ++counts[static_cast<std::size_t>(sort_of(event))];
  }
  for (std::size_t i = 0; i < counts.size(); ++i)
    diagnostics.add_left_out(counts[i], kSorts[i].one, kSorts[i].many, reason);
}

}  // namespace continuo::notation
