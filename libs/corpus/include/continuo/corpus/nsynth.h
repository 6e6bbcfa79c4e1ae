#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::corpus {

// One note of NSynth: what was played, on what, and the sound. Source: Engel et al., "Neural Audio Synthesis of Musical
// Notes with WaveNet Autoencoders", arXiv 1704.01279, and its data set page.
struct NsynthNote {
  std::string name;  // note_str: "bass_synthetic_033-022-050"
  std::string instrument, family, source;
  int pitch = 0, velocity = 0;  // Range: MIDI
  int sample_rate = 0;          // Units: Hz
  std::vector<std::string> qualities;
  std::vector<float> audio;  // Range: -1 to 1; mono; empty when there is none
};

struct NsynthStats {
  std::uint64_t notes = 0, without_audio = 0;
  double seconds = 0;
  int lowest_pitch = 128, highest_pitch = -1;
  std::set<std::string> instruments;
  std::map<std::string, std::uint64_t> families, sources;
  std::map<std::string, std::uint64_t> velocities, sample_rates;  // by number
  void add(const NsynthNote& note);
};

// Whether a path is NSynth: a folder with examples.json or *.tfrecord, one with nsynth-train, nsynth-valid or
// nsynth-test below it, or a *.tfrecord file.
bool is_nsynth(const std::filesystem::path& path);

// Reads the notes of examples.json and their audio/NAME.wav (16-bit PCM, mono), in the file's order, in memory for one
// note. A note without a wav has no audio. Errors: not_found, io, malformed (naming the note), unsupported (another
// kind of wav), and those of `take`.
Status read_nsynth_folder(const std::filesystem::path& folder, const std::function<Status(NsynthNote&&)>& take);

// The same of a TFRecord file, in its order. Errors: truncated, malformed (a checksum, a record without a field; naming
// the byte), and those of `take`.
Status read_nsynth_tfrecord(const std::filesystem::path& path, const std::function<Status(NsynthNote&&)>& take);

// One note without its sound.
struct NsynthNoteFile {
  std::filesystem::path wav() const { return *folder / "audio" / (name + ".wav"); }
  std::string name;
  std::shared_ptr<const std::filesystem::path> folder;  // that has examples.json
  int pitch = 0, velocity = 0;
};

struct NsynthInstrument {
  std::string name, family, source;
  std::vector<NsynthNoteFile> notes;               // sorted by pitch, then velocity, one of each
  std::map<std::string, std::uint64_t> qualities;  // notes that have each
};

// The instruments of all splits of a folder together, sorted by family, then name. Reads examples.json once, a note at
// a time, and no sound: all of NSynth has 300,000 notes in 200 MB. Of notes of one instrument, pitch and velocity the
// first is kept.
// Errors: not_found (no such folder, no examples.json), unsupported (TFRecords alone, whose sound lies in no files),
// no_notes, and malformed and io as in read_nsynth_folder.
Result<std::vector<NsynthInstrument>> nsynth_instruments(const std::filesystem::path& path);

// Of every split found: "train", "valid", "test", or the file's or folder's own name. Errors: as above.
Result<std::map<std::string, NsynthStats>> nsynth_stats(const std::filesystem::path& path);

}  // namespace continuo::corpus
