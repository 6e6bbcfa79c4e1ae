#include "continuo/metrics/evaluation_part.h"

#include <array>
#include <charconv>
#include <set>
#include <string>
#include <utility>

#include "continuo/json/field_reader.h"
#include "continuo/json/strict_parse.h"

namespace continuo::metrics {
namespace {

using Json = nlohmann::json;
using json::FieldReader;

constexpr const char* kFormat = "continuo evaluation part";
constexpr std::int64_t kVersion = 1;
constexpr std::array<const char*, 4> kQuarters = {"first", "second", "third", "last"};

Json to_json(const Nll& nll) { return {{"sum", nll.sum}, {"weight", nll.weight}, {"tokens", nll.tokens}}; }

Json to_json(const EvaluationSums& sums) {
  Json quarters, kinds = Json::object();
  for (std::size_t i = 0; i < kQuarters.size(); ++i) quarters[kQuarters[i]] = to_json(sums.quarters[i]);
  for (const auto& [kind, nll] : sums.kinds) kinds[kind] = to_json(nll);
  return {{"nll", to_json(sums.nll)}, {"right", sums.right}, {"pieces", sums.pieces}, {"windows", sums.windows},
          {"notes", sums.notes},      {"steps", sums.steps}, {"quarters", quarters},  {"kinds", kinds}};
}

void read_nll(FieldReader& owner, std::string_view field, Nll& nll) {
  FieldReader fields = owner.object(field);
  fields.read("sum", nll.sum);
  fields.read("weight", nll.weight);
  fields.read("tokens", nll.tokens);
  owner.take(fields.finish());
}

Status read_sums(const Json& object, const std::string& subject, EvaluationSums& sums) {
  FieldReader fields(object, subject);
  read_nll(fields, "nll", sums.nll);
  fields.read("right", sums.right);
  fields.read("pieces", sums.pieces);
  fields.read("windows", sums.windows);
  fields.read("notes", sums.notes);
  fields.read("steps", sums.steps);
  FieldReader quarters = fields.object("quarters");
  for (std::size_t i = 0; i < kQuarters.size(); ++i) read_nll(quarters, kQuarters[i], sums.quarters[i]);
  fields.take(quarters.finish());
  Json names;
  fields.read("kinds", names);
  FieldReader kinds = fields.object("kinds");
  for (const auto& [kind, unread] : names.items()) read_nll(kinds, kind, sums.kinds[kind]);
  fields.take(kinds.finish());
  return fields.finish();
}

// The members of an object whose names are numbers.
Status read_pieces(const Json& pieces, MeasuredPieces& measured) {
  for (const auto& [name, sums] : pieces.items()) {
    std::size_t number = 0;
    const char* end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number >= measured.pieces_of_split)
      return Error{ErrorCode::malformed, "'" + name + "' is no piece of the split"};
    CONTINUO_TRY(read_sums(sums, "piece " + name, measured.by_piece[number]));
  }
  return {};
}

// The first member in which two questions differ.
std::string difference(const Json& one, const Json& other) {
  for (const auto& [name, value] : one.items())
    if (!other.contains(name) || other[name] != value) return name;
  return "a member";
}

Error incompatible(std::string what) { return Error{ErrorCode::incompatible, std::move(what)}; }

}  // namespace

std::string to_text(const EvaluationPart& part) {
  const MeasuredPieces& measured = part.measured;
  Json pieces = Json::object();
  for (const auto& [number, sums] : measured.by_piece) pieces[std::to_string(number)] = to_json(sums);
  const Json file = {{"format", kFormat},
                     {"version", kVersion},
                     {"question", part.question},
                     {"shard", part.index},
                     {"shards", part.count},
                     {"pieces_of_split", measured.pieces_of_split},
                     {"causal", measured.is_causal},
                     {"context", measured.context},
                     {"stride", measured.stride},
                     {"seconds", measured.seconds},
                     {"pieces", pieces}};
  return file.dump(1) + "\n";
}

Result<EvaluationPart> evaluation_part_of(std::string_view text) {
  CONTINUO_ASSIGN(const Json object, json::parse_json_strictly(text, {}));
  if (!object.is_object() || !object.contains("format") || object["format"] != kFormat)
    return Error{ErrorCode::wrong_format, "is no part of an evaluation, which 'continuo evaluate --shard' writes"};
  EvaluationPart part;
  MeasuredPieces& measured = part.measured;
  std::string format;
  std::int64_t version = 0;
  std::uint64_t index = 0, count = 0, pieces_of_split = 0;
  Json pieces;
  FieldReader fields(object, "evaluation");
  fields.read("format", format);
  fields.read("version", version);
  fields.read("question", part.question);
  fields.read("shard", index);
  fields.read("shards", count);
  fields.read("pieces_of_split", pieces_of_split);
  fields.read("causal", measured.is_causal);
  fields.read("context", measured.context);
  fields.read("stride", measured.stride);
  fields.read("seconds", measured.seconds);
  fields.read("pieces", pieces);
  CONTINUO_TRY(fields.finish());
  if (version != kVersion) return Error{ErrorCode::unsupported, "version " + std::to_string(version) + " is not known"};
  if (index >= count) return Error{ErrorCode::malformed, "evaluation: there is no such shard"};
  part.index = index;
  part.count = count;
  measured.pieces_of_split = pieces_of_split;
  CONTINUO_TRY(read_pieces(pieces, measured));
  return part;
}

Result<EvaluationPart> merge_parts(std::span<const EvaluationPart> parts) {
  if (parts.empty()) return Error{ErrorCode::empty, "no part of an evaluation is given"};
  EvaluationPart whole = parts.front();
  whole.measured.by_piece.clear();
  whole.measured.seconds = 0;
  std::set<std::size_t> seen;
  for (const EvaluationPart& part : parts) {
    const std::string name = std::to_string(part.index + 1) + "/" + std::to_string(part.count);
    if (part.question != whole.question)
      return incompatible("the parts differ in what was asked: " + difference(whole.question, part.question));
    if (part.count != whole.count || part.measured.pieces_of_split != whole.measured.pieces_of_split)
      return incompatible("part " + name + " is of another number of parts or pieces");
    if (!seen.insert(part.index).second) return incompatible("part " + name + " is given twice");
    for (const auto& [number, sums] : part.measured.by_piece)
      if (!whole.measured.by_piece.emplace(number, sums).second)
        return incompatible("piece " + std::to_string(number) + " is in two parts");
    whole.measured.seconds += part.measured.seconds;
  }
  for (std::size_t i = 0; i < whole.count; ++i)
    if (!seen.contains(i))
      return incompatible("part " + std::to_string(i + 1) + "/" + std::to_string(whole.count) + " is missing");
  if (whole.measured.by_piece.size() != whole.measured.pieces_of_split)
    return incompatible(std::to_string(whole.measured.pieces_of_split - whole.measured.by_piece.size()) +
                        " pieces of the split are in no part");
  whole.index = 0;
  whole.count = 1;
  return whole;
}

}  // namespace continuo::metrics
