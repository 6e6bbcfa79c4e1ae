#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"

namespace continuo::cli {

// Where a command talks to its user. In --json mode stdout carries one JSON object at the end and nothing else.
class Console {
 public:
  explicit Console(bool json) : json_mode_(json) {}

  bool json_mode() const { return json_mode_; }
  // Leaves stdout to the command's output: lines for people then come on stderr. Errors: invalid_argument (--json).
  Status take_stdout();
  // A line for people on stdout; nothing in --json mode.
  void line(std::string_view text);
  // The same, seen at once even where stdout is a file or a pipe: for what happens while somebody watches.
  void line_now(std::string_view text);
  // A line for people on stderr, in both modes: warnings and notices. With --progress json an event "note".
  void note(std::string_view text);
  // The object that --json prints; fields may be filled in over time. Null: nothing is printed.
  nlohmann::json& result() { return result_; }

 private:
  bool json_mode_;
  bool is_stdout_taken_ = false;
  nlohmann::json result_ = nlohmann::json::object();
};

// What standard error carries: text for people, JSON lines for programs (docs/formats/progress.md), or no progress.
enum class ProgressForm { kText, kJson, kNone };
// Of the whole process. To be set before work begins; kText until then.
void set_progress_form(ProgressForm form);
ProgressForm progress_form();

// "PROGRAM: error: ..." on stderr, or with --progress json an event "error".
void report_error(std::string_view program, const Error& error);

// Draws a bar on a terminal's stderr, or a plain line now and then elsewhere; with --progress json writes an event at
// most five times a second, and one at the end. Ctrl-C asks the work to stop (the program must have called
// platform::catch_interrupts()).
class TerminalProgress final : public Progress {
 public:
  explicit TerminalProgress(std::string label);
  ~TerminalProgress() override;
  void update(std::uint64_t done, std::uint64_t total, std::string_view note) override;
  bool stop_requested() const override;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(std::uint64_t done, std::uint64_t total, std::string_view note);
  void write_event(std::string_view event) const;

  std::string label_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point started_ = Clock::now();
  Clock::time_point last_ = started_;
  std::uint64_t done_ = 0, total_ = 0;  // of the last update
  std::string note_;
};

// A number with that many digits after the point.
std::string fixed(double value, int digits);

}  // namespace continuo::cli
