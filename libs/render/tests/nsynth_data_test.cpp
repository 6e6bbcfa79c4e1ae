#include <cstdlib>
#include <map>

#include "continuo/base/file.h"

#include "made_sounds.h"
#include "sampled/sampled_player.h"

namespace continuo::render {
namespace {

namespace fs = std::filesystem;

fs::path notes_folder() {
  const char* given = std::getenv("CONTINUO_DATA");
  const fs::path data = given != nullptr ? fs::path(given) : fs::path(CONTINUO_SOURCE_DIR) / ".." / "shared" / "data";
  return data / "nsynth-tiny" / "nsynth-test" / "audio";
}

// Of each family the first note by name: "bass_electronic_018-060-075.wav".
std::map<std::string, VoiceSample> note_of_each_family() {
  std::map<std::string, VoiceSample> notes;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(notes_folder(), ignored)) {
    const std::string name = entry.path().stem().string();
    const auto dash = name.find('-');
    if (dash == std::string::npos || name.size() != dash + 8) continue;
    VoiceSample note{entry.path(), std::stoi(name.substr(dash + 1, 3)), std::stoi(name.substr(dash + 5, 3))};
    VoiceSample& kept = notes[name.substr(0, name.find('_'))];
    if (kept.path.empty() || note.path < kept.path) kept = note;
  }
  return notes;
}

// Powers at multiples of 10 Hz below 8 kHz, of five stretches of a tenth of a second within the first 2.8 s, by
// Goertzel's recurrence under a Hann window.
std::vector<double> spectrum(std::span<const float> sound, int rate) {
  const int size = rate / 10;
  std::vector<double> powers(800);
  for (int stretch = 0; stretch < 5; ++stretch) {
    std::vector<double> windowed(std::size_t(size), 0.0);
    const int start = int((0.05 + 0.6 * stretch) * rate);
    for (int i = 0; i < size; ++i)
      windowed[std::size_t(i)] = sound[std::size_t(start + i)] * (1 - std::cos(2 * std::numbers::pi * i / size));
    for (std::size_t bin = 1; bin < powers.size(); ++bin) {
      const double turn = 2 * std::cos(2 * std::numbers::pi * double(bin) / size);
      double now = 0, before = 0;
      for (const double v : windowed) {
        const double next = v + turn * now - before;
        before = now;
        now = next;
      }
      powers[bin] += (now * now + before * before - turn * now * before) / double(size) / size;
    }
  }
  return powers;
}

// Decibels in thirds of an octave from 100 Hz to 8 kHz.
std::vector<double> bands(const std::vector<double>& powers) {
  std::vector<double> levels;
  for (double low = 10; low < 790; low *= std::exp2(1 / 3.0)) {
    double sum = 1e-20;
    for (auto bin = std::size_t(low); bin < std::min<std::size_t>(powers.size(), std::size_t(low * std::exp2(1 / 3.0)));
         ++bin)
      sum += powers[bin];
    levels.push_back(10 * std::log10(sum));
  }
  return levels;
}

// The root of the mean square of the differences in decibels, after both have been brought to the same mean level.
// Bands 60 dB below the loudest are left out.
double log_spectral_distance(const std::vector<double>& a, const std::vector<double>& b) {
  const double floor = std::ranges::max(a) - 60;
  double sum = 0, squares = 0;
  int count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] < floor) continue;
    sum += a[i] - b[i];
    squares += (a[i] - b[i]) * (a[i] - b[i]);
    ++count;
  }
  return std::sqrt(std::max(0.0, squares / count - sum * sum / count / count));
}

std::vector<float> played(const VoiceSample& note, int rate, int seconds) {
  SampledPlayer player({std::make_shared<SampledVoice>(SampledVoice{.samples = {note}})}, rate);
  EXPECT_TRUE(player.apply({0, SoundEvent::Kind::note_on, 0, note.pitch, note.velocity}).ok());
  std::vector<float> samples(2 * std::size_t(rate * seconds));
  player.add(samples);
  std::vector<float> left;
  for (std::size_t i = 0; i < samples.size(); i += 2) left.push_back(samples[i]);
  return left;
}

constexpr double kThresholdDb = 0.5;

TEST(NsynthData, NotesOfEveryFamilySoundAsTheirSamples) {
  const auto notes = note_of_each_family();
  if (notes.empty()) GTEST_SKIP() << notes_folder() << " has no notes of NSynth";
  EXPECT_GE(notes.size(), 10u);
  for (const auto& [family, note] : notes) {
    const auto sample = Sample::read(note.path, 3);
    ASSERT_TRUE(sample.ok()) << sample.error().to_line();
    const auto own = bands(spectrum(sample->sound(), sample->rate_hz()));
    const double distance = log_spectral_distance(own, bands(spectrum(played(note, 44100, 3), 44100)));
    EXPECT_LT(distance, kThresholdDb) << family;
    RecordProperty(family, std::to_string(distance));
  }
}

// No family clicks, whenever its key is let go: in the release nothing turns more sharply than before.
TEST(NsynthData, ReleasesDoNotClick) {
  const auto notes = note_of_each_family();
  if (notes.empty()) GTEST_SKIP() << notes_folder() << " has no notes of NSynth";
  for (const auto& [family, note] : notes) {
    SampledPlayer player({std::make_shared<SampledVoice>(SampledVoice{.samples = {note}})}, 44100);
    ASSERT_TRUE(player.apply({0, SoundEvent::Kind::note_on, 0, note.pitch, note.velocity}).ok());
    std::vector<float> held(44100), released(2 * 44100);
    player.add(held);
    ASSERT_TRUE(player.apply({0, SoundEvent::Kind::note_off, 0, note.pitch, 0}).ok());
    player.add(released);
    std::vector<float> before, after;
    for (std::size_t i = 22050; i < held.size(); i += 2) before.push_back(held[i]);
    for (std::size_t i = 0; i < released.size(); i += 2) after.push_back(released[i]);
    EXPECT_LT(testing::sharpest_turn(after), 1.5 * testing::sharpest_turn(before)) << family;
  }
}

// Held for more than twice as long as its sample: the loop of no family clicks or grows.
TEST(NsynthData, LongNotesDoNotClick) {
  const auto notes = note_of_each_family();
  if (notes.empty()) GTEST_SKIP() << notes_folder() << " has no notes of NSynth";
  for (const auto& [family, note] : notes) {
    const std::vector<float> sound = played(note, 44100, 8);
    const auto early = std::span(sound).first(std::size_t(2.9 * 44100)).subspan(44100 / 2);
    const auto late = std::span(sound).subspan(std::size_t(2.9 * 44100));
    EXPECT_LT(testing::sharpest_turn(late), 1.2 * testing::sharpest_turn(early)) << family;
    EXPECT_LT(testing::loudness(late), 1.2 * testing::loudness(early)) << family;
  }
}

}  // namespace
}  // namespace continuo::render
