// A scripted player for `continuo jam`: plays calls into a MIDI port (steady, faster and faster, slower and slower, all
// keys at once, unplugged in the middle, nothing at all), hears the answers, and says how well they were in time.
//
//   jam_player INPUT OUTPUT MINUTES [CALL_BARS]
//
// INPUT is the port that jam plays to, OUTPUT the one that it listens at. With CALL_BARS every call is steady and so
// long, as for jam --call-bars. Prints one JSON object.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "continuo/live/beat_grid.h"
#include "continuo/live/held_notes.h"
#include "continuo/live/ports.h"

namespace {

using namespace continuo::live;

constexpr double kBar = 4, kPause = 1;  // quarters
constexpr double kJitter = 0.008;       // seconds that a finger is early or late, at most

enum class Script { kSteady, kFaster, kSlower, kAllKeys, kUnplugged, kSilent };
constexpr Script kScripts[] = {Script::kSteady, Script::kFaster,  Script::kSilent,   Script::kSlower,
                               Script::kSteady, Script::kAllKeys, Script::kUnplugged};

struct Ears {
  std::mutex mutex;
  std::vector<TimedMessage> heard;
  HeldNotes held;
  void hear(const TimedMessage& message) {
    const std::scoped_lock lock(mutex);
    heard.push_back(message);
    held.watch(message.message);
  }
  std::vector<TimedMessage> take() {
    const std::scoped_lock lock(mutex);
    return std::exchange(heard, {});
  }
};

void sleep_until(Time time) {
  std::this_thread::sleep_until(
      std::chrono::steady_clock::time_point(std::chrono::duration_cast<std::chrono::steady_clock::duration>(time)));
}

struct Results {
  std::vector<double> tempo_errors, first_delays, residuals;  // a share; ms; ms
  int calls = 0, answered = 0, unanswered = 0;
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// The answer's onsets against the beat that the call came to: a line through them, whose slope is the answer's tempo.
void judge(const std::vector<TimedMessage>& heard, const BeatGrid& grid, double begin, Results& results) {
  std::vector<std::pair<double, double>> points;  // place on a grid of 24ths, and seconds
  for (const TimedMessage& timed : heard) {
    if (!timed.message.starts_note()) continue;
    const double place = std::round(grid.position(timed.at) * 24) / 24;
    if (place >= begin - 0.5) points.emplace_back(place - begin, to_seconds(timed.at - grid.time(begin)));
  }
  if (points.empty()) {
    ++results.unanswered;
    return;
  }
  ++results.answered;
  const double quarter = to_seconds(grid.quarter);
  results.first_delays.push_back(1000 * (points[0].second - points[0].first * quarter));
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [place, seconds] : points) {
    ++n;
    x += place;
    y += seconds;
    xx += place * place;
    xy += place * seconds;
  }
  const double spread = xx - x * x / n;
  if (n < 6 || points.back().first - points.front().first < kBar) return;
  const double slope = (xy - x * y / n) / spread;
  results.tempo_errors.push_back(std::abs(slope / quarter - 1));
  for (const auto& [place, seconds] : points)
    results.residuals.push_back(1000 * std::abs(seconds - (y / n + slope * (place - x / n))));
}

class Hand {
 public:
  explicit Hand(std::string port) : port_(std::move(port)) {}
  bool plug() {
    auto opened = open_output(port_);
    if (opened.ok()) output_ = std::move(*opened);
    return opened.ok();
  }
  void unplug() { output_.reset(); }
  void send(Time time, const Message& message) {
    sleep_until(time);
    if (output_) (void)output_->send(message);
  }

 private:
  std::string port_;
  std::unique_ptr<Output> output_;
};

// Eighths and a quarter in turn through a scale; the grid moves with the tempo. Returns the place of the last key's
// end.
double play(Script script, Hand& hand, BeatGrid& grid, double begin, double bars, std::mt19937& random) {
  std::uniform_real_distribution<double> jitter(-kJitter, kJitter);
  std::uniform_int_distribution<int> step(0, 6);
  constexpr int kScale[] = {60, 62, 64, 65, 67, 69, 71};
  const double quarters = bars * kBar;
  const double factor = script == Script::kFaster ? 0.9965 : script == Script::kSlower ? 1.0035 : 1;
  double place = begin;
  for (int i = 0; place < begin + quarters; ++i) {
    const double length = i % 3 == 2 ? 1 : 0.5;
    const int pitch = kScale[step(random)];
    const Time on = grid.time(place) + from_seconds(jitter(random));
    hand.send(on, Message::note_on(0, pitch, 80));
    if (script == Script::kUnplugged && place > begin + quarters / 2) {
      hand.unplug();
      return place;
    }
    hand.send(grid.time(place + 0.9 * length), Message::note_off(0, pitch));
    const Time now_at = grid.time(place + length);
    place += length;
    grid = BeatGrid::through(now_at, place, from_seconds(to_seconds(grid.quarter) * std::pow(factor, length)));
  }
  return place - 0.1;
}

void play_all_keys(Hand& hand, const BeatGrid& grid, double begin) {
  for (int pitch = 21; pitch <= 108; ++pitch) hand.send(grid.time(begin), Message::note_on(0, pitch, 100));
  for (int pitch = 21; pitch <= 108; ++pitch) hand.send(grid.time(begin + 1), Message::note_off(0, pitch));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "usage: jam_player INPUT OUTPUT MINUTES [CALL_BARS]\n"), 2;
  const int call_bars = argc > 4 ? std::atoi(argv[4]) : 0;
  Ears ears;
  const auto input = open_input(argv[1], [&](const TimedMessage& message) { ears.hear(message); });
  Hand hand(argv[2]);
  if (!input.ok()) return std::fprintf(stderr, "jam_player: %s\n", input.error().to_line().c_str()), 1;
  if (!hand.plug()) return std::fprintf(stderr, "jam_player: %s cannot be opened\n", argv[2]), 1;
  const Time end = now() + from_seconds(60 * std::atof(argv[3]));
  std::mt19937 random(1);
  BeatGrid grid = BeatGrid::through(now() + std::chrono::seconds(1), 0, from_seconds(0.55));
  Results results;
  double begin = 0;
  for (int turn = 0; now() < end; ++turn) {
    const Script script = call_bars > 0 ? Script::kSteady : kScripts[turn % std::size(kScripts)];
    if (script == Script::kSilent) {
      begin += 4 * kBar;
      sleep_until(grid.time(begin));
      continue;
    }
    ears.take();
    ++results.calls;
    const bool changes = script == Script::kFaster || script == Script::kSlower;
    const double bars = call_bars > 0 ? call_bars : script == Script::kAllKeys ? 1 : changes ? 4 : 2;
    double last = begin + 1;
    if (script == Script::kAllKeys) {
      play_all_keys(hand, grid, begin);
    } else {
      last = play(script, hand, grid, begin, bars, random);
    }
    const double answer = call_bars > 0 ? begin + bars * kBar : std::ceil((last + kPause) / kBar) * kBar;
    begin = answer + (bars + 1) * kBar + (script == Script::kUnplugged ? 4 * kBar : 0);
    sleep_until(grid.time(begin - 0.5));
    const auto heard = ears.take();
    if (script == Script::kUnplugged) {
      hand.plug();
    } else {
      judge(heard, grid, answer, results);
    }
  }
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const auto most = [](const std::vector<double>& values) {
    return values.empty() ? 0 : *std::ranges::max_element(values);
  };
  const nlohmann::json report = {
      {"calls", results.calls},
      {"answered", results.answered},
      {"unanswered", results.unanswered},
      {"tempo_error_median", median(results.tempo_errors)},
      {"tempo_error_most", most(results.tempo_errors)},
      {"first_note_delay_ms_median", median(results.first_delays)},
      {"first_note_delay_ms_most", most(results.first_delays)},
      {"onsets", results.residuals.size()},
      {"onsets_off_by_5_ms", std::ranges::count_if(results.residuals, [](double ms) { return ms > 5; })},
      {"onset_off_ms_most", most(results.residuals)},
      {"hanging_notes", ears.held.release().size()}};
  std::printf("%s\n", report.dump(2).c_str());
  return 0;
}
