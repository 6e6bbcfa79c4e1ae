#include "../src/splice/splice.h"

#include <gtest/gtest.h>

#include "../src/splice/primer_end.h"

namespace continuo::generate {
namespace {

using score::Note;
using score::Score;
using score::Ticks;
using score::Track;

Note note(std::int64_t onset, std::int64_t duration, int pitch) {
  return {Ticks(onset), Ticks(duration), std::uint8_t(pitch), 80};
}

Track track(int program, std::vector<Note> notes, bool is_drum = false) {
  Track track;
  track.program = std::uint8_t(program);
  track.is_drum = is_drum;
  track.notes = std::move(notes);
  return track;
}

Score score_of(std::int32_t ticks_per_quarter, std::vector<Track> tracks) {
  Score score;
  score.ticks_per_quarter = ticks_per_quarter;
  score.tracks = std::move(tracks);
  return score;
}

TEST(TickMapping, MusicalTimeScalesByTheResolutions) {
  const Score primer = score_of(480, {}), decoded = score_of(12, {});
  const TickMapping mapping(primer, decoded, {Ticks(1925), Ticks(48)}, tokens::TimeDomain::kMusical);
  EXPECT_EQ(mapping(Ticks(48)), Ticks(1925));
  EXPECT_EQ(mapping(Ticks(60)), Ticks(1925 + 480));
  EXPECT_EQ(mapping(Ticks(47)), Ticks(1925 - 40));
  const TickMapping coarse(decoded, primer, {Ticks(0), Ticks(0)}, tokens::TimeDomain::kMusical);
  EXPECT_EQ(coarse(Ticks(19)), Ticks(0));
  EXPECT_EQ(coarse(Ticks(21)), Ticks(1));
}

TEST(TickMapping, ClockTimeGoesByBothTempoMaps) {
  Score primer = score_of(480, {}), decoded = score_of(100, {});
  primer.tempos = {{Ticks(0), 1'000'000}, {Ticks(960), 250'000}};
  decoded.tempos = {{Ticks(0), 500'000}};
  const TickMapping mapping(primer, decoded, {Ticks(480), Ticks(300)}, tokens::TimeDomain::kClock);
  EXPECT_EQ(mapping(Ticks(300)), Ticks(480));
  EXPECT_EQ(mapping(Ticks(400)), Ticks(720));        // half a second at a second a quarter
  EXPECT_EQ(mapping(Ticks(600)), Ticks(960 + 960));  // a second, and half a second at a quarter of one
}

TEST(Cut, EndsWhatSoundsAndRemovesWhatStarts) {
  Score score = score_of(480, {track(0, {note(0, 100, 60), note(50, 50, 61), note(99, 5, 62), note(100, 5, 63)})});
  cut(score, Ticks(100));
  EXPECT_EQ(score.tracks[0].notes, (std::vector<Note>{note(0, 100, 60), note(50, 50, 61), note(99, 1, 62)}));
  cut(score, Ticks(60));
  EXPECT_EQ(score.tracks[0].notes, (std::vector<Note>{note(0, 60, 60), note(50, 10, 61)}));
}

TEST(RemoveNotes, ThoseThatBeginInTheRange) {
  Score score = score_of(480, {track(0, {note(9, 50, 60), note(10, 5, 61), note(19, 5, 62), note(20, 5, 63)})});
  remove_notes(score, Ticks(10), Ticks(20));
  EXPECT_EQ(score.tracks[0].notes, (std::vector<Note>{note(9, 50, 60), note(20, 5, 63)}));
}

// New notes of `part`, from tick 0 of the decoded score to 100 of the primer, added to these tracks.
std::vector<Track> spliced(std::vector<Track> tracks, std::vector<Track> quantised, const Track& part,
                           std::optional<Ticks> primer_end = std::nullopt) {
  Score primer = score_of(480, std::move(tracks));
  const Score decoded = score_of(480, {part}), image = score_of(480, std::move(quantised));
  const TickMapping mapping(primer, decoded, {Ticks(100), Ticks(10)}, tokens::TimeDomain::kMusical);
  add_notes(primer, {.decoded = decoded, .quantised_primer = image, .begin = Ticks(10), .end = Ticks(50)}, mapping,
            primer_end);
  return primer.tracks;
}

TEST(AddNotes, TheRangeIsMovedAndCut) {
  const Track part = track(5, {note(9, 20, 60), note(10, 5, 61), note(45, 20, 62), note(50, 5, 63)});
  const auto tracks = spliced({track(5, {})}, {}, part);
  ASSERT_EQ(tracks.size(), 1u);
  EXPECT_EQ(tracks[0].notes, (std::vector<Note>{note(100, 5, 61), note(135, 5, 62)}));
  const auto cut = spliced({track(5, {})}, {}, part, Ticks(103));
  EXPECT_EQ(cut[0].notes, (std::vector<Note>{note(100, 3, 61)}));
  EXPECT_TRUE(spliced({}, {}, track(5, {note(0, 5, 60)})).empty());
}

TEST(AddNotes, NotesShorterThanATickLastOne) {
  Score primer = score_of(1, {track(0, {})});
  const Score decoded = score_of(480, {track(0, {note(0, 10, 60)})});
  const TickMapping mapping(primer, decoded, {Ticks(4), Ticks(0)}, tokens::TimeDomain::kMusical);
  add_notes(primer, {.decoded = decoded, .quantised_primer = decoded, .begin = Ticks(0), .end = {}}, mapping);
  EXPECT_EQ(primer.tracks[0].notes, (std::vector<Note>{note(4, 1, 60)}));
}

TEST(AddNotes, GoToTheTrackOfTheSameInstrument) {
  const auto new_note = [](int program, bool drum = false) { return track(program, {note(10, 5, 61)}, drum); };
  const auto target = [](const std::vector<Track>& tracks) {
    for (std::size_t i = 0; i < tracks.size(); ++i)
      for (const Note& added : tracks[i].notes)
        if (added.onset >= Ticks(100)) return int(i);
    return -1;
  };
  const std::vector<Track> primer = {track(5, {}), track(5, {note(0, 9, 60)}),
                                     track(7, {note(0, 9, 60), note(9, 9, 60)}), track(0, {note(0, 9, 36)}, true)};
  EXPECT_EQ(target(spliced(primer, {}, new_note(5))), 1) << "a track with notes before an empty one";
  EXPECT_EQ(target(spliced(primer, {}, new_note(7))), 2);
  EXPECT_EQ(target(spliced(primer, {}, new_note(0))), 4) << "a piano is no drum kit";
  EXPECT_EQ(target(spliced(primer, {}, new_note(16, true))), 3) << "one kit is as good as another";
  // The tokenisation knows one instrument, so all of the primer became program 0.
  const std::vector<Track> quantised = {track(0, {note(0, 9, 60)})};
  EXPECT_EQ(target(spliced(primer, quantised, new_note(0))), 2) << "the track with most notes";
  EXPECT_EQ(target(spliced({primer[3]}, quantised, new_note(0))), 0) << "drums where there is nothing else";
  EXPECT_EQ(target(spliced(primer, {track(0, {})}, new_note(0))), 4) << "an empty track is no instrument";
}

TEST(AddNotes, ANewTrackIsThePartsOwn) {
  Track part = track(30, {note(10, 5, 61)});
  part.name = "guitar";
  const auto tracks = spliced({track(5, {note(0, 9, 60)})}, {}, part);
  ASSERT_EQ(tracks.size(), 2u);
  EXPECT_EQ(tracks[1].name, "guitar");
  EXPECT_EQ(tracks[1].program, 30);
  EXPECT_FALSE(tracks[1].is_drum);
  EXPECT_TRUE(spliced({}, {}, track(0, {note(10, 5, 36)}, true))[0].is_drum);
}

TEST(AddNotes, NoKeyIsStruckWhileItSounds) {
  // 60 sounds up to 120; 62 ends at the splice point; 64 begins there.
  const std::vector<Track> primer = {track(0, {note(0, 120, 60), note(0, 100, 62), note(100, 50, 64)})};
  const Track part = track(0, {note(10, 5, 62), note(20, 5, 60), note(25, 5, 64), note(30, 5, 60)});
  const auto tracks = spliced(primer, {}, part);
  std::vector<Note> wanted = primer[0].notes;
  wanted.insert(wanted.end(), {note(100, 5, 62), note(115, 5, 64), note(120, 5, 60)});
  EXPECT_EQ(tracks[0].notes, wanted);
}

TEST(AddTiming, OnlyChangesOfTheNewMusic) {
  Score primer = score_of(480, {}), decoded = score_of(480, {});
  primer.tempos = {{Ticks(0), 600'000}};
  decoded.tempos = {{Ticks(0), 600'000},  {Ticks(5), 610'000},  {Ticks(10), 610'000}, {Ticks(20), 700'000},
                    {Ticks(30), 700'000}, {Ticks(49), 650'000}, {Ticks(50), 800'000}};
  decoded.time_signatures = {{Ticks(0), 3, 4}, {Ticks(10), 3, 4}, {Ticks(20), 3, 8}, {Ticks(30), 6, 8}};
  const TickMapping mapping(primer, decoded, {Ticks(100), Ticks(10)}, tokens::TimeDomain::kMusical);
  add_timing(primer, {.decoded = decoded, .quantised_primer = decoded, .begin = Ticks(10), .end = Ticks(50)}, mapping);
  EXPECT_EQ(primer.tempos,
            (std::vector<score::Tempo>{{Ticks(0), 600'000}, {Ticks(110), 700'000}, {Ticks(139), 650'000}}));
  EXPECT_EQ(primer.time_signatures, (std::vector<score::TimeSignature>{{Ticks(110), 3, 8}, {Ticks(120), 6, 8}}));
  Score again = score_of(480, {});
  add_timing(again, {.decoded = decoded, .quantised_primer = decoded, .begin = Ticks(10), .end = {}}, mapping);
  ASSERT_EQ(again.tempos.size(), 3u);
  EXPECT_EQ(again.tempos.back(), (score::Tempo{Ticks(140), 800'000})) << "without an end there is one more";
}

using Controls = std::vector<score::ControlChange>;

TEST(LiftPedals, OnlyThoseThatAreDown) {
  const auto lifted = [](Controls controls) {
    Score score = score_of(480, {track(0, {})});
    score.tracks[0].controls = std::move(controls);
    lift_pedals(score, Ticks(100));
    return score.tracks[0].controls;
  };
  EXPECT_EQ(lifted({}), Controls{});
  EXPECT_EQ(lifted({{Ticks(5), 64, 64}}), (Controls{{Ticks(5), 64, 64}, {Ticks(100), 64, 0}}));
  EXPECT_EQ(lifted({{Ticks(5), 64, 63}}), (Controls{{Ticks(5), 64, 63}}));
  EXPECT_EQ(lifted({{Ticks(5), 7, 100}}), (Controls{{Ticks(5), 7, 100}}));
  EXPECT_EQ(lifted({{Ticks(5), 64, 127}, {Ticks(100), 64, 0}, {Ticks(101), 64, 127}}),
            (Controls{{Ticks(5), 64, 127}, {Ticks(100), 64, 0}, {Ticks(101), 64, 127}}));
  EXPECT_EQ(lifted({{Ticks(5), 64, 127}, {Ticks(9), 7, 1}, {Ticks(101), 64, 0}}),
            (Controls{{Ticks(5), 64, 127}, {Ticks(9), 7, 1}, {Ticks(100), 64, 0}, {Ticks(101), 64, 0}}));
}

TEST(SoundingEnd, IsWhereThePedalGoesUp) {
  const auto end = [](Controls controls, std::vector<Note> notes = {{Ticks(0), Ticks(100), 60, 80}}) {
    Score score = score_of(480, {track(0, {note(0, 100, 60)}), track(0, std::move(notes))});
    score.tracks[1].controls = std::move(controls);
    return sounding_end(score).value;
  };
  EXPECT_EQ(end({}), 100);
  EXPECT_EQ(end({{Ticks(5), 64, 64}, {Ticks(150), 64, 63}}), 150);
  EXPECT_EQ(end({{Ticks(5), 64, 64}, {Ticks(120), 64, 64}, {Ticks(150), 64, 0}, {Ticks(170), 64, 0}}), 150);
  EXPECT_EQ(end({{Ticks(5), 64, 63}, {Ticks(150), 64, 0}}), 100);
  EXPECT_EQ(end({{Ticks(5), 64, 64}, {Ticks(100), 64, 0}, {Ticks(150), 64, 0}}), 100);
  EXPECT_EQ(end({{Ticks(101), 64, 127}, {Ticks(150), 64, 0}}), 100) << "pressed when nothing sounds";
  EXPECT_EQ(end({{Ticks(5), 64, 64}, {Ticks(120), 7, 0}, {Ticks(150), 64, 0}}), 150) << "another controller";
  EXPECT_EQ(end({{Ticks(5), 64, 64}, {Ticks(150), 64, 0}}, {}), 100) << "a track without notes";
}

TEST(NextBarLine, FollowsTheLastBarInWhichANoteBegins) {
  const auto line = [](std::int64_t onset, std::int64_t duration = 10) {
    Score score = score_of(480, {track(0, {note(onset, duration, 60)}), track(1, {note(3, 1, 60)})});
    score.time_signatures = {{Ticks(0), 3, 4}};
    return next_bar_line(score).value;
  };
  EXPECT_EQ(line(0), 1440);
  EXPECT_EQ(line(1419), 1440);
  EXPECT_EQ(line(1420), 2880) << "played early by a 24th of a quarter, the last bar of the grid";
  EXPECT_EQ(line(1420, 200), 2880) << "the same, with a bar after it";
  EXPECT_EQ(line(1440), 2880);
  EXPECT_EQ(line(0, 5000), 1440) << "a long note begins where it begins";
}

}  // namespace
}  // namespace continuo::generate
