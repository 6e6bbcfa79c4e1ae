#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "../text_encoding.h"
#include "../written/performer.h"
#include "mxl_archive.h"
#include "score.h"

namespace continuo::notation {
namespace musicxml {
namespace {

constexpr std::size_t kMaxMeasuresOfAllParts = 500'000;
constexpr Units kLeastUnitsPerQuarter = 10080;  // 2^5 * 3^2 * 5 * 7: also exact for what divisions cannot say

// A measure of one part in the tree: timewise scores keep its attributes and its content apart.
struct MeasureNode {
  pugi::xml_node frame, content;
};

struct PartNodes {
  Part part;
  std::vector<MeasureNode> measures;
};

Error not_a_score(std::string what) { return {ErrorCode::wrong_format, std::move(what), {}, {}}; }

class Document {
 public:
  explicit Document(std::string_view xml) : xml_(xml) {}

  Result<WrittenScore> read(const MusicXmlOptions& options, NoteCounts& counts, Diagnostics& diagnostics) {
    CONTINUO_TRY(parse());
    WrittenScore score;
    const pugi::xml_node root = document_.document_element();
    score.title = clean_text(root.child("work").child("work-title").text().get());
    if (score.title.empty()) score.title = clean_text(root.child("movement-title").text().get());
    CONTINUO_TRY(collect_parts(root));
    survey();
    score.units_per_quarter = units_per_quarter_;
    score.conventions.tie_slack = units_per_quarter_ / 64;  // of rounded tuplets
    score.parts.reserve(parts_.size());
    for (PartNodes& nodes : parts_) {
      score.parts.push_back(std::move(nodes.part));
      PartReader reader(score.parts.back(), units_per_quarter_, options.velocity, jumps_, counts, diagnostics);
      reader.start_with_divisions(divisions_before(nodes, score.parts, diagnostics));
      for (const MeasureNode& measure : nodes.measures) CONTINUO_TRY(reader.read(measure.frame, measure.content));
    }
    if (jumps_ == JumpSource::words_and_signs) find_to_coda(score);
    return score;
  }

 private:
  Status parse() {
    // Bytes of a byte order mark and the zeros of wider encodings are no text.
    const auto first = std::find_if(xml_.begin(), xml_.end(), [](char c) {
      return std::strchr(" \t\r\n\xEF\xBB\xBF\xFE\xFF", c) == nullptr && c != '\0';
    });
    if (first == xml_.end() || *first != '<') return not_a_score("not MusicXML (it does not begin as XML)");
    const pugi::xml_parse_result result = document_.load_buffer(xml_.data(), xml_.size());
    if (!result) {
      const auto at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, result.offset));
      const bool ends_early = at + 1 >= xml_.size();
      return Error{
          ends_early ? ErrorCode::truncated : ErrorCode::malformed,
          ends_early ? std::string("the XML ends too early") : std::string("broken XML: ") + result.description(),
          "byte " + std::to_string(at),
          {}};
    }
    const std::string_view name = document_.document_element().name();
    if (name == "opus") return Error{ErrorCode::unsupported, "an opus: a list of scores in other files", {}, {}};
    if (name != "score-partwise" && name != "score-timewise")
      return not_a_score("not MusicXML (its root element is " +
                         excerpt(clean_text(document_.document_element().name())) + ")");
    return {};
  }

  Status collect_parts(const pugi::xml_node& root) {
    for (const pugi::xml_node& node : root.child("part-list").children("score-part")) {
      Part part;
      part.id = clean_text(node.attribute("id").value());
      part.name = clean_text(node.child("part-name").text().get());
      if (part.name.empty()) part.name = part.id;
      part.place = "part " + excerpt(part.id);
      part.instruments = read_instruments(node);
      parts_.push_back({std::move(part), {}});
      if (parts_.size() > kMaxParts) return Error{ErrorCode::too_large, "too many parts", {}, {}};
    }
    const bool is_timewise = std::strcmp(root.name(), "score-timewise") == 0;
    CONTINUO_TRY(is_timewise ? collect_timewise(root) : collect_partwise(root));
    std::erase_if(parts_, [](const PartNodes& nodes) { return nodes.measures.empty(); });
    return {};
  }

  // Parts that the part list does not know are read as well.
  Result<PartNodes*> part_of(const pugi::xml_node& node) {
    const std::string id = clean_text(node.attribute("id").value());
    const auto known = std::find_if(parts_.begin(), parts_.end(), [&](const PartNodes& p) { return p.part.id == id; });
    if (known != parts_.end()) return &*known;
    if (parts_.size() >= kMaxParts) return Error{ErrorCode::too_large, "too many parts", {}, {}};
    Part part;
    part.id = part.name = id;
    part.place = "part " + excerpt(id);
    part.instruments.emplace_back();
    parts_.push_back({std::move(part), {}});
    return &parts_.back();
  }

  Status add(PartNodes& nodes, const MeasureNode& measure) {
    nodes.measures.push_back(measure);
    if (nodes.measures.size() > kMaxMeasures || ++measure_count_ > kMaxMeasuresOfAllParts)
      return error_in(nodes.part, measure_place(measure.frame), "too many measures", ErrorCode::too_large);
    return {};
  }

  Status collect_partwise(const pugi::xml_node& root) {
    for (const pugi::xml_node& part : root.children("part")) {
      CONTINUO_ASSIGN(PartNodes * nodes, part_of(part));
      for (const pugi::xml_node& measure : part.children("measure")) CONTINUO_TRY(add(*nodes, {measure, measure}));
    }
    return {};
  }

  Status collect_timewise(const pugi::xml_node& root) {
    std::size_t count = 0;
    for (const pugi::xml_node& measure : root.children("measure")) {
      for (const pugi::xml_node& part : measure.children("part")) {
        CONTINUO_ASSIGN(PartNodes * nodes, part_of(part));
        while (nodes->measures.size() < count) CONTINUO_TRY(add(*nodes, {}));
        CONTINUO_TRY(add(*nodes, {measure, part}));
      }
      ++count;
    }
    return {};
  }

  // What has to be known before the first note.
  void survey() {
    for (const PartNodes& nodes : parts_) {
      for (const MeasureNode& measure : nodes.measures) {
        for (const pugi::xml_node& node : measure.content.children()) survey(node);
      }
    }
  }

  void survey(const pugi::xml_node& node) {
    if (const pugi::xml_node divisions = node.child("divisions")) {
      const double number = number_in(divisions.text().get()).value_or(1);
      const Units whole = std::llround(std::clamp(number, 1.0, static_cast<double>(kMaxUnitsPerQuarter)));
      const Units common = std::lcm(units_per_quarter_, whole);
      if (common <= kMaxUnitsPerQuarter) units_per_quarter_ = common;
    }
    const pugi::xml_node sound = std::strcmp(node.name(), "sound") == 0 ? node : node.child("sound");
    for (const char* jump : {"dacapo", "dalsegno", "tocoda", "fine"}) {
      if (sound.attribute(jump)) jumps_ = JumpSource::sounds;
    }
  }

  // A part that gives no divisions in its first measure has those of the part before it.
  double divisions_before(const PartNodes& nodes, const std::vector<Part>& parts, Diagnostics& diagnostics) {
    for (const pugi::xml_node& node : nodes.measures.front().content.children("attributes")) {
      if (const auto number = number_in(node.child("divisions").text().get()); number && *number > 0)
        return first_divisions_ = *number;
    }
    if (parts.size() > 1) {
      diagnostics.add_once(DiagnosticKind::skipped, parts.back().place_of(measure_place(nodes.measures.front().frame)),
                           "a part without divisions; those of the part before hold");
    }
    return first_divisions_;
  }

  // Of several coda signs the last begins the coda, the others lead to it.
  static void find_to_coda(WrittenScore& score) {
    for (Part& part : score.parts) {
      const auto is_coda = [](const Measure& m) { return m.navigation.coda; };
      const auto last = std::find_if(part.measures.rbegin(), part.measures.rend(), is_coda);
      for (Measure& measure : part.measures) {
        if (!is_coda(measure) || last == part.measures.rend() || &measure == &*last) continue;
        measure.navigation.to_coda = true;
      }
    }
  }

  std::string_view xml_;
  pugi::xml_document document_;
  std::vector<PartNodes> parts_;
  std::size_t measure_count_ = 0;
  Units units_per_quarter_ = kLeastUnitsPerQuarter;
  double first_divisions_ = 1;  // of the last part that has any
  JumpSource jumps_ = JumpSource::words_and_signs;
};

}  // namespace
}  // namespace musicxml

Result<MusicXmlScore> read_musicxml(std::string_view bytes, const MusicXmlOptions& options) {
  if (bytes.empty()) return Error{ErrorCode::empty, "the file is empty", {}, {}};
  if (options.velocity < 16 || options.velocity > 119) {
    return Error{ErrorCode::invalid_argument, "velocity must be from 16 to 119", {}, {}};
  }
  std::string unpacked;
  if (is_zip(bytes)) {
    CONTINUO_ASSIGN(unpacked, score_of_mxl(bytes));
    bytes = unpacked;
  }
  if (bytes.size() > kMaxXmlBytes) return Error{ErrorCode::too_large, "more than 64 MiB of XML", {}, {}};
  MusicXmlScore result;
  musicxml::NoteCounts counts;
  CONTINUO_ASSIGN(const written::WrittenScore written,
                  musicxml::Document(bytes).read(options, counts, result.diagnostics));
  const written::PerformanceOptions performance{.play_chords = options.play_chords, .velocity = options.velocity};
  CONTINUO_ASSIGN(written::Performed performed, written::perform(written, performance, result.diagnostics));
  result.score = std::move(performed.piece.score);
  result.side_tracks = std::move(performed.piece.side_tracks);
  result.written_notes = counts.written;
  result.grace_notes = counts.grace;
  result.diagnostics.add_left_out(performed.unsung_syllables + counts.unsung_syllables, "syllable of lyrics",
                                  "syllables of lyrics", "no note that is played has them");
  result.diagnostics.add_left_out(counts.cue, "cue note", "cue notes", "the part does not play them");
  return result;
}

bool looks_like_mxl(std::string_view head) {
  return is_zip(head) && (head.find("META-INF/") != head.npos || head.find(".musicxml") != head.npos);
}

bool looks_like_musicxml(std::string_view head) {
  std::string text(head);
  std::erase(text, '\0');
  return text.find("score-partwise") != text.npos || text.find("score-timewise") != text.npos;
}

}  // namespace continuo::notation
