#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "continuo/corpus/nsynth.h"

#include "layouts/nsynth_examples.h"

namespace continuo::corpus {
namespace fs = std::filesystem;
namespace {

using ByName = std::map<std::string, NsynthInstrument>;

Status add_examples(const fs::path& folder, ByName& instruments) {
  const auto shared_folder = std::make_shared<const fs::path>(folder);
  return read_nsynth_examples(folder, [&](NsynthNote&& note) -> Status {
    // The name becomes a path: it may not lead elsewhere.
    if (note.name.find('/') != std::string::npos || note.name.find('\0') != std::string::npos)
      return Error{ErrorCode::malformed, "the name of a note is no file name", note.name,
                   (folder / kNsynthExamples).string()};
    NsynthInstrument& instrument = instruments[note.instrument];
    if (instrument.notes.empty())
      instrument = {std::move(note.instrument), std::move(note.family), std::move(note.source), {}, {}};
    for (const std::string& quality : note.qualities) ++instrument.qualities[quality];
    instrument.notes.push_back({std::move(note.name), shared_folder, note.pitch, note.velocity});
    return {};
  });
}

void sort_notes(NsynthInstrument& instrument) {
  const auto place = [](const NsynthNoteFile& note) { return std::tuple(note.pitch, note.velocity); };
  std::ranges::stable_sort(instrument.notes, {}, place);
  const auto repeated = std::ranges::unique(instrument.notes, {}, place);
  instrument.notes.erase(repeated.begin(), repeated.end());
}

}  // namespace

Result<std::vector<NsynthInstrument>> nsynth_instruments(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return Error{ErrorCode::not_found, "there is no such folder", {}, path.string()};
  const auto parts = nsynth_parts(path);
  if (parts.empty())
    return Error{ErrorCode::not_found,
                 "holds no examples.json of NSynth, nor does an nsynth-train, nsynth-valid or nsynth-test in it",
                 {},
                 path.string()};
  ByName by_name;
  std::size_t folders = 0;
  for (const auto& [name, part] : parts) {
    if (is_tfrecord(part)) continue;
    ++folders;
    CONTINUO_TRY(add_examples(part, by_name));
  }
  if (folders == 0)
    return Error{ErrorCode::unsupported,
                 "holds NSynth as TFRecords alone; its notes are needed as json and wav files",
                 {},
                 path.string()};
  if (by_name.empty()) return Error{ErrorCode::no_notes, "holds no note of NSynth", {}, path.string()};
  std::vector<NsynthInstrument> instruments;
  for (auto& [name, instrument] : by_name) {
    sort_notes(instrument);
    instruments.push_back(std::move(instrument));
  }
  std::ranges::stable_sort(instruments, {}, &NsynthInstrument::family);
  return instruments;
}

}  // namespace continuo::corpus
