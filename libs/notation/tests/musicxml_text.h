#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "continuo/notation/musicxml.h"

namespace continuo::notation::testing {

inline MusicXmlScore read(const std::string& text) {
  Result<MusicXmlScore> result = read_musicxml(text);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().to_line()) << "\n" << text;
  return result.ok() ? *result : MusicXmlScore{};
}

// A score of one part "P1" whose part list entry and measures are given.
inline std::string score_text(std::string_view measures, std::string_view part_list_entry = "") {
  return "<?xml version=\"1.0\"?>\n<!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 4.0 Partwise//EN\" "
         "\"http://www.musicxml.org/dtds/partwise.dtd\">\n<score-partwise version=\"4.0\"><part-list>"
         "<score-part id=\"P1\"><part-name>Flute</part-name>" +
         std::string(part_list_entry) + "</score-part></part-list><part id=\"P1\">" + std::string(measures) +
         "</part></score-partwise>";
}

inline std::string measure(std::string_view content, std::string_view attributes = "") {
  return "<measure number=\"1\" " + std::string(attributes) + ">" + std::string(content) + "</measure>";
}

// With two divisions to the quarter, in 4/4.
inline std::string first_measure(std::string_view content) {
  return measure(
      "<attributes><divisions>2</divisions><key><fifths>0</fifths></key><time><beats>4</beats>"
      "<beat-type>4</beat-type></time></attributes>" +
      std::string(content));
}

// note('C', 4, 2): a quarter; `more` stands behind the duration, `before` before the pitch.
inline std::string note(char step, int octave, int duration, std::string_view more = "", std::string_view before = "") {
  return "<note>" + std::string(before) + "<pitch><step>" + step + "</step><octave>" + std::to_string(octave) +
         "</octave></pitch><duration>" + std::to_string(duration) + "</duration>" + std::string(more) + "</note>";
}

inline std::string rest(int duration) {
  return "<note><rest/><duration>" + std::to_string(duration) + "</duration></note>";
}

inline std::string barline(std::string_view content) { return "<barline>" + std::string(content) + "</barline>"; }
inline const std::string kForward = barline("<repeat direction=\"forward\"/>");
inline const std::string kBackward = barline("<repeat direction=\"backward\"/>");

inline std::string sound(const char* attribute) { return "<sound " + std::string(attribute) + "/>"; }

// Notes as "pitch@onset+duration", in ticks.
inline std::string note_list(const score::Track& track) {
  std::string text;
  for (const score::Note& n : track.notes) {
    text += (text.empty() ? "" : " ") + std::to_string(n.pitch) + "@" + std::to_string(n.onset.value) + "+" +
            std::to_string(n.duration.value);
  }
  return text;
}

inline std::string pitches(const score::Track& track) {
  std::string text;
  for (const score::Note& n : track.notes) text += (text.empty() ? "" : " ") + std::to_string(n.pitch);
  return text;
}

}  // namespace continuo::notation::testing
