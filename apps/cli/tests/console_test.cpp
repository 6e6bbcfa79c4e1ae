#include "continuo/cli/console.h"

#include <csignal>
#include <cstdio>
#include <functional>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "continuo/base/platform/platform.h"

namespace continuo::cli {
namespace {

// Standard error is a terminal of its own as long as this lives.
class Terminal {
 public:
  Terminal() : ours_(posix_openpt(O_RDWR | O_NOCTTY)), kept_(dup(2)) {
    if (ours_ < 0 || grantpt(ours_) != 0 || unlockpt(ours_) != 0) return;
    const int theirs = open(ptsname(ours_), O_RDWR | O_NOCTTY);
    if (theirs < 0) return;
    dup2(theirs, 2);
    close(theirs);
    works_ = true;
  }
  ~Terminal() {
    restore();
    close(ours_);
  }
  bool works() const { return works_; }
  // What was written so far; standard error is again what it was.
  std::string text() {
    const ssize_t ended = write(2, "\x04", 1);
    restore();
    std::string text;
    char block[4096];
    while (ended == 1 && text.find('\x04') == std::string::npos) {
      const ssize_t count = read(ours_, block, sizeof block);
      if (count <= 0) break;
      text.append(block, static_cast<std::size_t>(count));
    }
    return text.substr(0, text.find('\x04'));
  }

 private:
  void restore() {
    if (kept_ < 0) return;
    std::fflush(stderr);
    dup2(kept_, 2);
    close(kept_);
    kept_ = -1;
  }
  int ours_, kept_;
  bool works_ = false;
};

std::string in_form(ProgressForm form, const std::function<void()>& work) {
  set_progress_form(form);
  testing::internal::CaptureStderr();
  work();
  set_progress_form(ProgressForm::kText);
  return testing::internal::GetCapturedStderr();
}

std::vector<nlohmann::json> events(const std::string& text) {
  std::vector<nlohmann::json> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) events.push_back(nlohmann::json::parse(line));
  return events;
}

TEST(TerminalProgress, ATerminalShowsABarThatGrows) {
  Terminal terminal;
  if (!terminal.works()) GTEST_SKIP() << "no pseudo-terminals here";
  {
    TerminalProgress progress("making");
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    progress.update(1, 2, "half");
    progress.update(1, 2, "too soon after it");
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    progress.update(3, 2, "");
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    progress.update(1234, 0, "no end");
  }
  std::string half = "\rmaking ", full = half;
  for (int i = 0; i < 24; ++i) {
    half += i < 12 ? "█" : "░";
    full += "█";
  }
  EXPECT_EQ(terminal.text(), half + " 50 %  half\x1b[K" + full + " 100 %\x1b[K\rmaking step 1,234  no end\x1b[K\r\n");
}

TEST(TerminalProgress, ATerminalIsLeftAloneWhereNothingWasShown) {
  Terminal terminal;
  if (!terminal.works()) GTEST_SKIP() << "no pseudo-terminals here";
  {
    TerminalProgress progress("making");
    progress.update(1, 2, "at once");
  }
  EXPECT_EQ(terminal.text(), "");
}

// Lines in a log, at most one in ten seconds.
TEST(TerminalProgress, AFileGetsFewLines) {
  const auto work = [] {
    TerminalProgress progress("making");
    for (int i = 0; i < 1000; ++i) progress.update(std::uint64_t(i), 1000, "");
  };
  EXPECT_EQ(in_form(ProgressForm::kText, work), "");
  EXPECT_EQ(in_form(ProgressForm::kNone, work), "");
}

TEST(TerminalProgress, EventsAreFewButTheFirstAndTheLastAreThere) {
  const auto all = events(in_form(ProgressForm::kJson, [] {
    TerminalProgress progress("making");
    for (int i = 1; i <= 1000; ++i) progress.update(std::uint64_t(i), 1000, i == 1 ? "begins" : "");
  }));
  ASSERT_GE(all.size(), 3u);
  EXPECT_LT(all.size(), 20u);
  EXPECT_EQ(all.front()["done"], 1);
  EXPECT_EQ(all.front()["note"], "begins");
  EXPECT_EQ(all.back()["event"], "end");
  EXPECT_EQ(all.back()["done"], 1000);
  EXPECT_FALSE(all.back().contains("note"));
  EXPECT_LT(all.back()["elapsed_sec"].get<double>(), 60);
}

TEST(TerminalProgress, EventsComeAgainAfterAFifthOfASecond) {
  const auto all = events(in_form(ProgressForm::kJson, [] {
    TerminalProgress progress("making");
    progress.update(1, 0, "");
    progress.update(2, 0, "");
    std::this_thread::sleep_for(std::chrono::milliseconds(210));
    progress.update(3, 0, "");
  }));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["done"], 1);
  EXPECT_TRUE(all[0]["total"].is_null());
  EXPECT_EQ(all[1]["done"], 3);
  EXPECT_GE(all[1]["elapsed_sec"].get<double>(), 0.2);
  EXPECT_EQ(all[2]["event"], "end");
}

TEST(TerminalProgress, AnInterruptAsksTheWorkToStop) {
  const auto child = [] {
    platform::catch_interrupts();
    TerminalProgress progress("making");
    if (progress.stop_requested()) _exit(1);
    std::raise(SIGINT);
    _exit(progress.stop_requested() ? 0 : 2);
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), "");
}

TEST(Console, LinesAreForPeopleAndNotesForBoth) {
  testing::internal::CaptureStdout();
  const std::string notes = in_form(ProgressForm::kText, [] {
    Console people(false), program(true);
    EXPECT_FALSE(people.json_mode());
    EXPECT_TRUE(program.json_mode());
    people.line("a line");
    program.line("not this one");
    people.note("a note");
    program.note("another");
  });
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "a line\n");
  EXPECT_EQ(notes, "a note\nanother\n");
  EXPECT_TRUE(Console(true).result().empty() && Console(true).result().is_object());
}

TEST(Console, ErrorsAreOneLineOrOneEvent) {
  const Error error{ErrorCode::malformed, "wrong", "byte 7", "na\xFFme"};
  EXPECT_EQ(in_form(ProgressForm::kText, [&] { report_error("it", error); }), "it: error: na\xFFme: wrong, byte 7\n");
  const auto all = events(in_form(ProgressForm::kJson, [&] { report_error("it", error); }));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["event"], "error");
  EXPECT_EQ(all[0]["code"], "malformed");
  EXPECT_EQ(all[0]["message"], "na\xEF\xBF\xBDme: wrong, byte 7");
}

// Both streams in one file, as "continuo ... >log 2>&1" has them.
TEST(Console, NotesAndErrorsComeAfterTheLinesBeforeThem) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  std::fflush(stdout);
  std::fflush(stderr);
  const int out = dup(1), err = dup(2);
  dup2(fileno(file), 1);
  dup2(fileno(file), 2);
  Console console(false);
  console.line("first");
  console.note("second");
  console.line("third");
  report_error("it", Error{ErrorCode::io, "fourth", {}, {}});
  std::fflush(stdout);
  dup2(out, 1);
  dup2(err, 2);
  close(out);
  close(err);
  std::rewind(file);
  char text[100] = {};
  const std::size_t count = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  EXPECT_EQ(std::string(text, count), "first\nsecond\nthird\nit: error: fourth\n");
}

TEST(Console, NumbersHaveAsManyDigitsAsAsked) {
  EXPECT_EQ(fixed(2.345, 1), "2.3");
  EXPECT_EQ(fixed(-1, 3), "-1.000");
  EXPECT_EQ(fixed(1e6, 0), "1000000");
}

}  // namespace
}  // namespace continuo::cli
