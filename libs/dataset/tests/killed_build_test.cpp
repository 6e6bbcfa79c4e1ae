#include <chrono>
#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "music_folder.h"

namespace continuo::dataset {
namespace {

namespace fs = std::filesystem;

class KilledBuild : public MusicFolder {
 protected:
  enum class End { kKilled, kFresh, kResumed };
  // Runs the build in a process of its own and kills it after that time, unless it comes to its end before.
  static End run_and_kill(const BuildOptions& options, std::chrono::microseconds after) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto report = run(options);
      ::_exit(!report.ok() ? 1 : report->resumed_pieces > 0 ? 2 : 0);
    }
    std::this_thread::sleep_for(after);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return End::kKilled;
    EXPECT_NE(WEXITSTATUS(status), 1);
    return WEXITSTATUS(status) == 2 ? End::kResumed : End::kFresh;
  }
};

TEST_F(KilledBuild, GoesOnAndEndsByteForByteTheSame) {
  // Enough tokens for several blocks, so that a killed process has left some.
  for (int i = 0; i < 90; ++i) write_music("piece" + std::to_string(100 + i) + ".mid", music(std::uint64_t(i), 2000));
  write_music("again.mid", music(3, 2000));
  write("broken.mid", "MThd");
  BuildOptions undisturbed = options();
  undisturbed.output = root_ / "undisturbed";
  undisturbed.transpose_up = undisturbed.transpose_down = 5;
  const auto started = std::chrono::steady_clock::now();
  ASSERT_TRUE(run(undisturbed).ok());
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
  const auto expected = contents(undisturbed.output);

  Rng rng(std::uint64_t(::getpid()));
  int kills = 0, resumed = 0;
  for (int round = 0; round < 6; ++round) {
    BuildOptions killed = undisturbed;
    killed.output = output();
    for (int attempt = 0; attempt < 4; ++attempt) {
      const auto after = std::chrono::microseconds(rng.below(std::uint64_t(whole.count()) + 1));
      const End end = run_and_kill(killed, after);
      resumed += end == End::kResumed;
      if (end != End::kKilled) break;
      ++kills;
      EXPECT_TRUE(!fs::exists(output()) || contents(output()) == expected) << "half a data set after a kill";
    }
    const auto report = run(killed);
    ASSERT_TRUE(report.ok()) << report.error().to_line();
    resumed += report->resumed_pieces > 0;
    ASSERT_EQ(contents(output()), expected);
    EXPECT_EQ(left_behind(), std::vector<std::string>{"undisturbed"});
    fs::remove_all(output());
  }
  EXPECT_GT(kills, 0);
  EXPECT_GT(resumed, 0);
}

TEST_F(KilledBuild, WhatWasDoneForOtherFilesOrOptionsIsNotUsed) {
  write_pieces(40);
  const auto interrupt = [&] {
    class Stop final : public Progress {
      void update(std::uint64_t, std::uint64_t, std::string_view) override { ++updates_; }
      bool stop_requested() const override { return updates_ > 5; }
      int updates_ = 0;
    } stop;
    ThreadPool pool(1);
    EXPECT_EQ(build(options(), pool, stop).error().code, ErrorCode::interrupted);
  };
  interrupt();
  BuildOptions other = options();
  other.seed = 8;
  EXPECT_EQ(run(other)->resumed_pieces, 0u);
  interrupt();
  write_music("piece01.mid", music(500));
  EXPECT_EQ(run(options())->resumed_pieces, 0u);
  interrupt();
  EXPECT_GT(run(options())->resumed_pieces, 0u);
}

TEST_F(KilledBuild, TwoBuildsAtOnce_TheSecondIsRefusedAndTheFirstUndisturbed) {
  write_pieces(20);
  ASSERT_TRUE(run(options()).ok());
  const auto expected = contents(output());
  class Intruder final : public Progress {
   public:
    explicit Intruder(BuildOptions options) : options_(std::move(options)) {}
    void update(std::uint64_t, std::uint64_t, std::string_view) override {
      const auto second = run(options_);
      ASSERT_FALSE(second.ok());
      EXPECT_EQ(second.error().what, "is being built by another process");
      ++refused;
    }
    int refused = 0;

   private:
    BuildOptions options_;
  } intruder(options());
  ThreadPool pool(1);
  ASSERT_TRUE(build(options(), pool, intruder).ok());
  EXPECT_GE(intruder.refused, 20);
  EXPECT_EQ(contents(output()), expected);
  EXPECT_TRUE(left_behind().empty());
}

}  // namespace
}  // namespace continuo::dataset
