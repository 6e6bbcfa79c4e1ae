#include "continuo/corpus/nsynth.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "continuo/base/file.h"
#include "continuo/json/field_reader.h"

#include "layouts/nsynth_examples.h"
#include "layouts/recognise.h"
#include "layouts/tf_record.h"
#include "layouts/wav_reader.h"

namespace continuo::corpus {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSplitFolders[] = {"nsynth-train", "nsynth-valid", "nsynth-test"};

// An example of examples.json. Nothing when a field is missing or of another type.
std::optional<NsynthNote> note_from(const std::string& name, const nlohmann::json& object) {
  NsynthNote note;
  note.name = name;
  json::FieldReader fields(object, name);
  fields.read("instrument_str", note.instrument);
  fields.read("instrument_family_str", note.family);
  fields.read("instrument_source_str", note.source);
  fields.read("pitch", note.pitch);
  fields.read("velocity", note.velocity);
  fields.read("sample_rate", note.sample_rate);
  fields.read_if_present("qualities_str", note.qualities);
  return fields.status().ok() ? std::optional(std::move(note)) : std::nullopt;
}

bool is_possible(const NsynthNote& note) {
  return note.pitch >= 0 && note.pitch <= 127 && note.velocity >= 0 && note.velocity <= 127 && note.sample_rate > 0;
}

std::optional<NsynthNote> note_from(TfExample&& example) {
  NsynthNote note;
  for (const auto& [key, text] :
       {std::pair("note_str", &note.name), std::pair("instrument_str", &note.instrument),
        std::pair("instrument_family_str", &note.family), std::pair("instrument_source_str", &note.source)}) {
    if (example[key].bytes.size() != 1) return std::nullopt;
    *text = example[key].bytes[0];
  }
  for (const auto& [key, number] : {std::pair("pitch", &note.pitch), std::pair("velocity", &note.velocity),
                                    std::pair("sample_rate", &note.sample_rate)}) {
    if (example[key].integers.size() != 1) return std::nullopt;
    *number = int(example[key].integers[0]);
  }
  note.qualities = std::move(example["qualities_str"].bytes);
  note.audio = std::move(example["audio"].floats);
  return note;
}

}  // namespace

bool is_tfrecord(const fs::path& path) { return path.extension() == ".tfrecord"; }

std::map<std::string, fs::path> nsynth_parts(const fs::path& path) {
  std::map<std::string, fs::path> parts;
  std::error_code code;
  const auto split_name = [](const fs::path& part) {
    const std::string name = part.stem().string();
    return name.starts_with("nsynth-") ? name.substr(7) : name;
  };
  if (is_tfrecord(path) && fs::is_regular_file(path, code)) parts[split_name(path)] = path;
  if (fs::is_regular_file(path / kNsynthExamples, code)) parts[split_name(path)] = path;
  for (fs::directory_iterator child(path, code); !code && child != fs::directory_iterator(); child.increment(code)) {
    const fs::path& part = child->path();
    const bool is_split =
        std::find(std::begin(kSplitFolders), std::end(kSplitFolders), part.filename()) != std::end(kSplitFolders);
    std::error_code ignored;
    if (is_tfrecord(part) || (is_split && fs::is_regular_file(part / kNsynthExamples, ignored)))
      parts[split_name(part)] = part;
  }
  return parts;
}

void NsynthStats::add(const NsynthNote& note) {
  ++notes;
  without_audio += note.audio.empty();
  seconds += double(note.audio.size()) / std::max(1, note.sample_rate);
  lowest_pitch = std::min(lowest_pitch, note.pitch);
  highest_pitch = std::max(highest_pitch, note.pitch);
  instruments.insert(note.instrument);
  ++families[note.family];
  ++sources[note.source];
  ++velocities[std::to_string(note.velocity)];
  ++sample_rates[std::to_string(note.sample_rate)];
}

bool is_nsynth(const fs::path& path) { return !nsynth_parts(path).empty(); }

Result<bool> refuse_nsynth(Source& source) {
  if (!source.entries.empty() || !is_nsynth(source.folder)) return false;
  return Error{.code = ErrorCode::unsupported,
               .what = "holds recorded notes (NSynth), which make no tokens; `dataset stats` counts them",
               .path = source.folder.string()};
}

Status read_nsynth_examples(const fs::path& folder, const std::function<Status(NsynthNote&&)>& take) {
  const fs::path path = folder / kNsynthExamples;
  CONTINUO_ASSIGN(const auto file, MappedFile::open(path));
  Status status;
  std::string name;
  // Hands each note on and drops it: the file has 300,000.
  using Event = nlohmann::json::parse_event_t;
  const auto take_note = [&](int depth, Event event, nlohmann::json& parsed) {
    if (depth == 1 && event == Event::key) name = parsed.get<std::string>();
    const bool is_whole =
        depth == 1 && (event == Event::object_end || event == Event::array_end || event == Event::value);
    if (!is_whole || !status.ok()) return !is_whole;
    auto note = note_from(name, parsed);
    status = note && is_possible(*note)
                 ? take(*std::move(note))
                 : Error{ErrorCode::malformed, "a field of the note is missing or invalid", name, path.string()};
    return false;
  };
  nlohmann::json rest;
  try {
    rest = nlohmann::json::parse(file->bytes().begin(), file->bytes().end(), take_note);
  } catch (const nlohmann::json::parse_error& error) {
    CONTINUO_TRY(std::move(status));  // of a note before
    return Error{ErrorCode::malformed, "is broken JSON", "byte " + std::to_string(error.byte), path.string()};
  }
  CONTINUO_TRY(std::move(status));
  if (!rest.is_object()) return Error{ErrorCode::malformed, "is no JSON object", {}, path.string()};
  return {};
}

Status read_nsynth_folder(const fs::path& folder, const std::function<Status(NsynthNote&&)>& take) {
  return read_nsynth_examples(folder, [&](NsynthNote&& note) -> Status {
    // The name becomes a path: it may not lead elsewhere.
    const bool plain = note.name.find('/') == std::string::npos;
    const fs::path wav = folder / "audio" / (note.name + ".wav");
    std::error_code ignored;
    if (plain && fs::is_regular_file(wav, ignored)) {
      CONTINUO_ASSIGN(auto sound, read_wav(wav));
      if (sound.sample_rate != note.sample_rate)
        return Error{ErrorCode::malformed, "has another sample rate than examples.json gives", {}, wav.string()};
      note.audio = std::move(sound.samples);
    }
    return take(std::move(note));
  });
}

Status read_nsynth_tfrecord(const fs::path& path, const std::function<Status(NsynthNote&&)>& take) {
  CONTINUO_ASSIGN(auto reader, TfRecordReader::open(path));
  while (true) {
    CONTINUO_ASSIGN(const auto record, reader.next());
    if (!record) return {};
    const std::string where = "byte " + std::to_string(reader.offset());
    auto example = parse_tf_example(*record);
    if (!example.ok()) return Error{ErrorCode::malformed, example.error().what, where, path.string()};
    auto note = note_from(*std::move(example));
    if (!note || !is_possible(*note))
      return Error{ErrorCode::malformed, "holds a record that is not a note of NSynth", where, path.string()};
    CONTINUO_TRY(take(*std::move(note)));
  }
}

Result<std::map<std::string, NsynthStats>> nsynth_stats(const fs::path& path) {
  std::map<std::string, NsynthStats> stats;
  for (const auto& [name, part] : nsynth_parts(path)) {
    NsynthStats& own = stats[name];
    const auto take = [&](NsynthNote&& note) {
      own.add(note);
      return Status();
    };
    CONTINUO_TRY(is_tfrecord(part) ? read_nsynth_tfrecord(part, take) : read_nsynth_folder(part, take));
  }
  if (stats.empty()) return Error{ErrorCode::not_found, "holds no note of NSynth", {}, path.string()};
  return stats;
}

}  // namespace continuo::corpus
