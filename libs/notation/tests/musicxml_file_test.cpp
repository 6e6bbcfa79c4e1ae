#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "musicxml_text.h"

namespace continuo::notation {
namespace {

using score::Score;
using testing::barline;
using testing::first_measure;
using testing::kBackward;
using testing::kForward;
using testing::measure;
using testing::note;
using testing::note_list;
using testing::pitches;
using testing::read;
using testing::score_text;

TEST(MusicXmlReader, InstrumentsBecomeTracks) {
  const char* instruments =
      "<score-instrument id=\"I1\"/><score-instrument id=\"I2\"/><score-instrument id=\"I3\"/>"
      "<midi-instrument id=\"I1\"><midi-channel>1</midi-channel><midi-program>74</midi-program></midi-instrument>"
      "<midi-instrument id=\"I2\"><midi-channel>2</midi-channel><midi-program>41</midi-program></midi-instrument>"
      "<midi-instrument id=\"I3\"><midi-channel>10</midi-channel><midi-unpitched>37</midi-unpitched></midi-instrument>";
  const std::string drum =
      "<note><unpitched><display-step>G</display-step><display-octave>5</display-octave></unpitched>"
      "<duration>2</duration>";
  const Score score = read(score_text(first_measure(note('C', 4, 2, "<instrument id=\"I1\"/>") +
                                                    note('D', 4, 2, "<instrument id=\"I2\"/>") + drum +
                                                    "<instrument id=\"I3\"/></note>" + drum + "</note>"),
                                      instruments))
                          .score;
  ASSERT_EQ(score.tracks.size(), 3u);
  EXPECT_EQ(score.tracks[0].program, 73);
  EXPECT_EQ(score.tracks[1].program, 40);
  EXPECT_TRUE(score.tracks[2].is_drum);
  EXPECT_EQ(note_list(score.tracks[2]), "36@960+480 42@1440+480");
  for (const auto& track : score.tracks) EXPECT_EQ(track.name, "Flute");
}

TEST(MusicXmlReader, SoundChangesTheProgram) {
  const Score score = read(score_text(first_measure(note('C', 4, 4) +
                                                    "<sound><midi-instrument id=\"I1\"><midi-program>41</midi-program>"
                                                    "</midi-instrument></sound>" +
                                                    note('D', 4, 4)),
                                      "<score-instrument id=\"I1\"/>"))
                          .score;
  ASSERT_EQ(score.tracks.size(), 2u);
  EXPECT_EQ(pitches(score.tracks[0]), "60");
  EXPECT_EQ(score.tracks[1].program, 40);
  EXPECT_EQ(pitches(score.tracks[1]), "62");
}

TEST(MusicXmlReader, PartsSoundTogether_PartwiseAndTimewise) {
  const std::string list =
      "<part-list><score-part id=\"A\"><part-name>Soprano</part-name></score-part><score-part id=\"B\">"
      "<part-name>Bass</part-name></score-part></part-list>";
  const std::string head = "<attributes><divisions>2</divisions></attributes>";
  const std::string partwise = "<score-partwise>" + list + "<part id=\"A\"><measure number=\"1\">" + head +
                               note('C', 5, 8) + "</measure><measure number=\"2\">" + note('D', 5, 8) + kBackward +
                               "</measure></part><part id=\"B\"><measure>" + head + note('C', 3, 8) +
                               "</measure><measure>" + note('D', 3, 4) + "</measure></part></score-partwise>";
  const std::string timewise = "<score-timewise>" + list + "<measure number=\"1\"><part id=\"A\">" + head +
                               note('C', 5, 8) + "</part><part id=\"B\">" + head + note('C', 3, 8) +
                               "</part></measure><measure number=\"2\"><part id=\"A\">" + note('D', 5, 8) + kBackward +
                               "</part><part id=\"B\">" + note('D', 3, 4) + "</part></measure></score-timewise>";
  const Score score = read(partwise).score;
  ASSERT_EQ(score.tracks.size(), 2u);
  EXPECT_EQ(score.tracks[0].name, "Soprano");
  EXPECT_EQ(note_list(score.tracks[1]), "48@0+1920 50@1920+960 48@3840+1920 50@5760+960");
  EXPECT_EQ(read(timewise).score, score);
}

TEST(MusicXmlReader, TitlesAndMarkers) {
  std::string text = score_text(first_measure(
      "<direction><direction-type><rehearsal>A</rehearsal></direction-type></direction>" + note('C', 4, 8)));
  text.insert(text.find("<part-list>"),
              "<work><work-title> A\n title </work-title></work><movement-title>B</movement-title>");
  const Score score = read(text).score;
  EXPECT_EQ(score.title, "A  title");
  ASSERT_EQ(score.markers.size(), 1u);
  EXPECT_EQ(score.markers[0].text, "A");
}

TEST(MusicXmlReader, EncodingsAreThoseOfTheDeclaration) {
  const std::string latin =
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><score-partwise><movement-title>caf\xE9"
      "</movement-title></score-partwise>";
  EXPECT_EQ(read(latin).score.title, "caf\xC3\xA9");
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string("<?xml version=\"1.0\" encoding=\"UTF-16\"?><score-partwise><movement-title>wide"
                                  "</movement-title></score-partwise>"))
    utf16 += {c, '\0'};
  EXPECT_EQ(read(utf16).score.title, "wide");
}

TEST(MusicXmlReader, EntitiesAreNotExpanded) {
  const std::string text =
      "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;\"><!ENTITY f SYSTEM "
      "\"/etc/passwd\">]>"
      "<score-partwise><movement-title>&b;&f;&lt;</movement-title></score-partwise>";
  EXPECT_EQ(read(text).score.title, "&b;&f;<");
}

struct BadCase {
  const char* claim;
  std::string text;
  ErrorCode code;
  const char* where;
};

class MusicXmlErrors : public ::testing::TestWithParam<BadCase> {};

TEST_P(MusicXmlErrors, NameThePlace) {
  const auto result = read_musicxml(GetParam().text);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, GetParam().code) << result.error().to_line();
  EXPECT_EQ(result.error().where, GetParam().where) << result.error().to_line();
}

std::string many_repeats() {
  std::string text = first_measure("");
  for (int i = 0; i < 2000; ++i) text += measure(kForward + barline("<repeat direction=\"backward\" times=\"99\"/>"));
  return score_text(text);
}

INSTANTIATE_TEST_SUITE_P(
    All, MusicXmlErrors,
    ::testing::Values(
        BadCase{"empty", "", ErrorCode::empty, ""}, BadCase{"prose", "Once upon a time", ErrorCode::wrong_format, ""},
        BadCase{"other_xml", "<html><body/></html>", ErrorCode::wrong_format, ""},
        BadCase{"opus", "<opus/>", ErrorCode::unsupported, ""},
        BadCase{"cut_off", "<score-partwise><part id=\"P1\">", ErrorCode::truncated, "byte 29"},
        BadCase{"crossed_tags", "<score-partwise><a><b></a></b></score-partwise> ", ErrorCode::malformed, "byte 24"},
        BadCase{"endless_measure",
                score_text(measure("<attributes><divisions>1</divisions></attributes>" + note('C', 4, 900000))),
                ErrorCode::too_large, "part P1, measure 1"},
        BadCase{"endless_repeats", many_repeats(), ErrorCode::too_large, ""}),
    [](const auto& c) { return std::string(c.param.claim); });

TEST(MusicXmlReader, KnowsItselfFromOtherXml) {
  EXPECT_TRUE(looks_like_musicxml(score_text("").substr(0, 200)));
  EXPECT_FALSE(looks_like_musicxml("<?xml version=\"1.0\"?><project/>"));
}

}  // namespace
}  // namespace continuo::notation
