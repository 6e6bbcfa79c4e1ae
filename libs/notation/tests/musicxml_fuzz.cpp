#include "musicxml_fuzz.h"

#include "continuo/notation/musicxml.h"

#include "fuzz_checks.h"
#include "musicxml_text.h"

namespace continuo::notation {
namespace {

std::string rich_score() {
  using testing::note;
  return testing::score_text(
      testing::first_measure(
          "<barline><repeat direction=\"forward\"/></barline><sound tempo=\"90\" segno=\"s\"/>"
          "<harmony><root><root-step>C</root-step></root><kind>dominant</kind><degree><degree-value>9"
          "</degree-value><degree-alter>-1</degree-alter><degree-type>add</degree-type></degree>"
          "</harmony><direction><direction-type><dynamics><p/></dynamics></direction-type>"
          "<direction-type><pedal type=\"start\"/></direction-type></direction>" +
          note('C', 4, 3,
               "<tie type=\"start\"/><lyric number=\"1\"><syllabic>begin</syllabic><text>a</text></lyric>"
               "<lyric number=\"2\"><text>b</text><elision/><text>c</text></lyric>") +
          note('E', 4, 3, "", "<chord/>") + note('C', 4, 5, "<tie type=\"stop\"/><staff>2</staff>") +
          "<backup><duration>8</duration></backup><forward><duration>1</duration></forward>" +
          note('G', 2, 7, "<voice>2</voice>")) +
          testing::measure("<barline><ending number=\"1\" type=\"start\"/></barline>" + note('D', 4, 8) +
                           "<barline><ending number=\"1\" type=\"stop\"/><repeat direction=\"backward\" times=\"2\"/>"
                           "</barline>") +
          testing::measure(
              "<barline><ending number=\"2\" type=\"start\"/></barline><attributes><time><beats>3+2</beats>"
              "<beat-type>8</beat-type></time><transpose><chromatic>-2</chromatic></transpose></attributes>"
              "<note><unpitched/><duration>1</duration></note>" +
              note('F', 4, 5) + "<sound dalsegno=\"s\"/>"),
      "<score-instrument id=\"I\"/><midi-instrument id=\"I\"><midi-channel>2</midi-channel></midi-instrument>");
}

constexpr const char* kTimewise =
    "<score-timewise><part-list><score-part id=\"A\"/><score-part id=\"B\"/></part-list><measure number=\"1\">"
    "<part id=\"A\"><note><pitch><step>C</step><octave>5</octave></pitch><duration>4</duration></note></part>"
    "<part id=\"B\"><note><rest measure=\"yes\"/><duration>4</duration></note></part></measure></score-timewise>";

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

std::string fuzz_musicxml(std::span<const std::uint8_t> bytes) {
  const auto result = read_musicxml({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!result.ok()) return result.error().what.empty() ? "an error without a reason" : "";
  return violation_of(result->score, 1);
}

std::vector<std::vector<std::uint8_t>> musicxml_seeds() { return {bytes_of(rich_score()), bytes_of(kTimewise)}; }

}  // namespace continuo::notation
