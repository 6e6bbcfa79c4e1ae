#include "continuo/corpus/nsynth.h"

#include <cstring>

#include "continuo/corpus/list_source.h"
#include "continuo/corpus/little_endian.h"

#include "layouts/tf_record.h"
#include "scratch_folder.h"

namespace continuo::corpus {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

void append(Bytes& bytes, std::string_view text) { bytes.insert(bytes.end(), text.begin(), text.end()); }

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

// 16-bit PCM of one channel.
std::string wav_of(const std::vector<std::int16_t>& samples, std::uint32_t rate = 16000, std::uint16_t channels = 1) {
  Bytes bytes;
  append(bytes, "RIFF");
  append_number(std::uint32_t(44 + 2 * samples.size()), bytes);
  append(bytes, "WAVELIST");
  append_number(std::uint32_t(4), bytes);
  append(bytes, "abcdfmt ");
  append_number(std::uint32_t(16), bytes);
  append_number(std::uint16_t(1), bytes);
  append_number(channels, bytes);
  append_number(rate, bytes);
  append_number(rate * 2, bytes);
  append_number(std::uint16_t(2), bytes);
  append_number(std::uint16_t(16), bytes);
  append(bytes, "data");
  append_number(std::uint32_t(2 * samples.size()), bytes);
  for (const std::int16_t sample : samples) append_number(sample, bytes);
  return text_of(bytes);
}

// Protocol buffers, as far as an Example needs them.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += char(value | 128);
  return bytes + char(value);
}
std::string message(int field, const std::string& content) {
  return varint(std::uint64_t(field) << 3 | 2) + varint(content.size()) + content;
}
std::string feature(const std::string& key, int kind, const std::string& list) {
  return message(1, message(1, key) + message(2, message(kind, list)));
}
std::string text_feature(const std::string& key, const std::string& text) { return feature(key, 1, message(1, text)); }
std::string number_feature(const std::string& key, std::uint64_t number) {
  return feature(key, 3, message(1, varint(number)));
}
std::string note_record(const std::string& name, int pitch, const std::vector<float>& audio) {
  std::string floats(audio.size() * 4, '\0');
  if (!audio.empty()) std::memcpy(floats.data(), audio.data(), floats.size());
  return message(1, text_feature("note_str", name) + text_feature("instrument_str", name.substr(0, 6)) +
                        text_feature("instrument_family_str", "bass") +
                        text_feature("instrument_source_str", "synthetic") +
                        number_feature("pitch", std::uint64_t(pitch)) + number_feature("velocity", 50) +
                        number_feature("sample_rate", 16000) +
                        feature("qualities_str", 1, message(1, "dark") + message(1, "long_release")) +
                        feature("audio", 2, message(1, floats)));
}
std::string tf_record(const std::string& record) {
  const auto crc = [](const Bytes& bytes) { return masked_crc32c(bytes); };
  Bytes bytes, content(record.begin(), record.end());
  append_number(std::uint64_t(record.size()), bytes);
  append_number(crc(bytes), bytes);
  append(bytes, record);
  append_number(crc(content), bytes);
  return text_of(bytes);
}

class NsynthTest : public ScratchFolder {
 protected:
  fs::path tfrecord() const { return source() / "nsynth-test.tfrecord"; }
  static Result<std::vector<NsynthNote>> notes_of(const fs::path& path) {
    std::vector<NsynthNote> notes;
    const auto take = [&](NsynthNote&& note) {
      notes.push_back(std::move(note));
      return Status();
    };
    const Status status =
        path.extension() == ".tfrecord" ? read_nsynth_tfrecord(path, take) : read_nsynth_folder(path, take);
    if (!status.ok()) return status.error();
    return notes;
  }
  void write_examples(const std::string& text) const { write("nsynth-test/examples.json", text); }
  static std::string example(const std::string& extra = "") {
    return R"({"bass_1-060-075": {"pitch": 60, "velocity": 75, "sample_rate": 16000, "instrument_str": "bass_1",
               "instrument_family_str": "bass", "instrument_source_str": "electronic",
               "qualities_str": ["fast_decay"])" +
           extra + "}}";
  }
};

TEST_F(NsynthTest, ReadsExamplesWithTheirSound) {
  write_examples(example());
  write("nsynth-test/audio/bass_1-060-075.wav", wav_of({0, 16384, -32768}));
  const auto notes = notes_of(source() / "nsynth-test");
  ASSERT_TRUE(notes.ok()) << notes.error().to_line();
  ASSERT_EQ(notes->size(), 1u);
  const NsynthNote& note = notes->front();
  EXPECT_EQ(note.name, "bass_1-060-075");
  EXPECT_EQ(note.family, "bass");
  EXPECT_EQ(note.source, "electronic");
  EXPECT_EQ(note.velocity, 75);
  EXPECT_EQ(note.qualities, std::vector<std::string>{"fast_decay"});
  EXPECT_EQ(note.audio, (std::vector<float>{0.0F, 0.5F, -1.0F}));
}

TEST_F(NsynthTest, ReadsManyExamplesInTheirOrderAndRefusesABrokenFile) {
  const std::string one = example().substr(1, example().rfind('}') - 1);
  const std::string key = "bass_1-060-075";
  std::string all;
  for (const char* name : {"z", "a", "m"}) {
    std::string named = one;
    all += (all.empty() ? "{" : ", ") + named.replace(named.find(key), key.size(), name);
  }
  all += "}";
  write_examples(all);
  const auto notes = notes_of(source() / "nsynth-test");
  ASSERT_TRUE(notes.ok()) << notes.error().to_line();
  std::string names;
  for (const NsynthNote& note : *notes) names += note.name;
  EXPECT_EQ(names, "zam");
  for (std::size_t size = 0; size < all.size(); ++size) {
    write_examples(all.substr(0, size));
    EXPECT_EQ(notes_of(source() / "nsynth-test").error().code, ErrorCode::malformed) << size;
  }
  for (const char* broken :
       {R"({"x": 1})", R"({"x": [1, {}]})", R"({"x": []})", R"({"x": null})", "1", R"([{"x": {}}])"}) {
    write_examples(broken);
    EXPECT_EQ(notes_of(source() / "nsynth-test").error().code, ErrorCode::malformed) << broken;
  }
}

TEST_F(NsynthTest, BrokenExamplesAndSoundsAreNamed) {
  const auto code_of = [&] {
    const auto notes = notes_of(source() / "nsynth-test");
    return notes.ok() ? ErrorCode::duplicate : notes.error().code;
  };
  write_examples("[]");
  EXPECT_EQ(code_of(), ErrorCode::malformed);
  write_examples(R"({"x": {"pitch": 60}})");
  EXPECT_EQ(code_of(), ErrorCode::malformed);
  EXPECT_EQ(notes_of(source() / "nsynth-test").error().where, "x");
  write_examples(example());
  const std::string wav = "nsynth-test/audio/bass_1-060-075.wav";
  write(wav, wav_of({1}, 44100));
  EXPECT_EQ(code_of(), ErrorCode::malformed);
  write(wav, wav_of({1, 2}, 16000, 2));
  EXPECT_EQ(code_of(), ErrorCode::unsupported);
  const std::string whole = wav_of({1, 2, 3});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(wav, whole.substr(0, size));
    EXPECT_NE(code_of(), ErrorCode::duplicate) << size;
  }
}

TEST_F(NsynthTest, ReadsTfRecords) {
  write("nsynth-test.tfrecord", tf_record(note_record("bass_1-040-050", 40, {0.25F, -0.5F})) +
                                    tf_record(note_record("bass_2-070-050", 70, {})));
  const auto notes = notes_of(tfrecord());
  ASSERT_TRUE(notes.ok()) << notes.error().to_line();
  ASSERT_EQ(notes->size(), 2u);
  EXPECT_EQ(notes->at(0).name, "bass_1-040-050");
  EXPECT_EQ(notes->at(0).pitch, 40);
  EXPECT_EQ(notes->at(0).sample_rate, 16000);
  EXPECT_EQ(notes->at(0).audio, (std::vector<float>{0.25F, -0.5F}));
  EXPECT_EQ(notes->at(0).qualities, (std::vector<std::string>{"dark", "long_release"}));
}

TEST_F(NsynthTest, EveryChangedAndEveryMissingByteOfATfRecordIsAnError) {
  const std::string first = tf_record(note_record("bass_1-040-050", 40, {0.25F}));
  const std::string whole = first + first;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = char(changed[at] ^ 4);
    write("nsynth-test.tfrecord", changed);
    const auto notes = notes_of(tfrecord());
    ASSERT_FALSE(notes.ok()) << at;
    EXPECT_EQ(notes.error().where, at < first.size() ? "byte 0" : "byte " + std::to_string(first.size()));
    write("nsynth-test.tfrecord", whole.substr(0, at));
    EXPECT_EQ(notes_of(tfrecord()).ok(), at == 0 || at == first.size()) << at;
  }
}

TEST_F(NsynthTest, RecordsThatAreNoNotesAreErrors) {
  Rng rng(3);
  for (int round = 0; round < 300; ++round) {
    std::string noise = note_record("bass_1-040-050", 40, {0.25F});
    for (int i = 0; i < 3; ++i) noise[rng.below(noise.size())] = char(rng.below(256));
    write("nsynth-test.tfrecord", tf_record(noise));
    const auto notes = notes_of(tfrecord());
    EXPECT_TRUE(notes.ok() || notes.error().code == ErrorCode::malformed);
  }
  write("nsynth-test.tfrecord", tf_record(message(1, text_feature("note_str", "x"))));
  EXPECT_EQ(notes_of(tfrecord()).error().code, ErrorCode::malformed);
}

TEST_F(NsynthTest, InstrumentsAreThoseOfAllSplitsTogether) {
  const auto note = [](const std::string& name, const std::string& instrument, int pitch, int velocity) {
    return "\"" + name + "\": {\"pitch\": " + std::to_string(pitch) + ", \"velocity\": " + std::to_string(velocity) +
           R"(, "sample_rate": 16000, "instrument_str": ")" + instrument + R"(", "instrument_family_str": ")" +
           instrument.substr(0, 4) + R"(", "instrument_source_str": "acoustic", "qualities_str": ["dark"]})";
  };
  write("nsynth-test/examples.json", "{" + note("a", "reed_1", 60, 50) + "," + note("b", "bass_2", 62, 75) + "," +
                                         note("c", "bass_1", 62, 75) + "}");
  write("nsynth-valid/examples.json", "{" + note("d", "reed_1", 59, 75) + "," + note("e", "reed_1", 60, 25) + "," +
                                          note("f", "reed_1", 60, 50) + "}");
  const auto instruments = nsynth_instruments(source());
  ASSERT_TRUE(instruments.ok()) << instruments.error().to_line();
  std::string text;
  for (const NsynthInstrument& instrument : *instruments) {
    text += instrument.name + ":";
    for (const NsynthNoteFile& file : instrument.notes) text += file.name;
    text += " ";
  }
  EXPECT_EQ(text, "bass_1:c bass_2:b reed_1:dea ");
  EXPECT_EQ(instruments->back().qualities.at("dark"), 4u);
  EXPECT_EQ(instruments->back().notes[0].wav(), source() / "nsynth-valid" / "audio" / "d.wav");
}

TEST_F(NsynthTest, InstrumentsThatCannotBeReadAreNamed) {
  const auto error_of = [&](const fs::path& path) {
    const auto instruments = nsynth_instruments(path);
    return instruments.ok() ? Error{ErrorCode::duplicate, {}, {}, {}} : instruments.error();
  };
  EXPECT_EQ(error_of(source() / "none").what, "there is no such folder");
  EXPECT_EQ(error_of(source()).code, ErrorCode::not_found);
  write_examples("{}");
  EXPECT_EQ(error_of(source()).code, ErrorCode::no_notes);
  write_examples("{\"a\": {]");
  EXPECT_EQ(error_of(source()).where, "byte 8");
  write_examples(R"({"x": {"pitch": 60}})");
  EXPECT_EQ(error_of(source()).where, "x");
  const std::string one = example();
  write_examples("{\"../a" + one.substr(one.find("bass_1-060-075") + 14));
  EXPECT_EQ(error_of(source()).code, ErrorCode::malformed) << "a name is no path";
  fs::remove_all(source() / "nsynth-test");
  write("nsynth-test.tfrecord", tf_record(note_record("bass_1-040-050", 40, {})));
  EXPECT_EQ(error_of(source()).code, ErrorCode::unsupported);
}

TEST_F(NsynthTest, StatsCountEachSplit) {
  write_examples(example());
  write("nsynth-test/audio/bass_1-060-075.wav", wav_of(std::vector<std::int16_t>(8000)));
  write("nsynth-valid.tfrecord", tf_record(note_record("bass_1-040-050", 40, std::vector<float>(16000))) +
                                     tf_record(note_record("bass_2-070-050", 70, {})));
  EXPECT_TRUE(is_nsynth(source()));
  EXPECT_FALSE(is_nsynth(root_));
  EXPECT_EQ(list_source(source()).error().code, ErrorCode::unsupported) << "sounds make no data set of tokens";
  const auto stats = nsynth_stats(source());
  ASSERT_TRUE(stats.ok()) << stats.error().to_line();
  ASSERT_EQ(stats->size(), 2u);
  EXPECT_DOUBLE_EQ(stats->at("test").seconds, 0.5);
  const NsynthStats& valid = stats->at("valid");
  EXPECT_EQ(valid.notes, 2u);
  EXPECT_EQ(valid.without_audio, 1u);
  EXPECT_EQ(valid.instruments.size(), 2u);
  EXPECT_EQ(valid.lowest_pitch, 40);
  EXPECT_EQ(valid.highest_pitch, 70);
  EXPECT_DOUBLE_EQ(valid.seconds, 1.0);
}

}  // namespace
}  // namespace continuo::corpus
