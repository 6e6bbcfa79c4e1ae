#include "continuo/cli/console.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "continuo/base/platform/platform.h"
#include "continuo/base/text.h"

#include "json_text.h"

namespace continuo::cli {
namespace {

constexpr int kStderr = 2;
constexpr int kBarWidth = 24;

std::string bar(double share) {
  std::string text;
  const int full = static_cast<int>(std::lround(share * kBarWidth));
  for (int i = 0; i < kBarWidth; ++i) text += i < full ? "█" : "░";
  return text;
}

ProgressForm g_progress_form = ProgressForm::kText;

// One line of standard error.
void write_line(const nlohmann::json& event) {
  std::fprintf(stderr, "%s\n", json_text(event).c_str());
  std::fflush(stderr);
}

}  // namespace

void set_progress_form(ProgressForm form) { g_progress_form = form; }
ProgressForm progress_form() { return g_progress_form; }

void report_error(std::string_view program, const Error& error) {
  std::fflush(stdout);
  if (g_progress_form == ProgressForm::kJson) {
    return write_line({{"event", "error"}, {"code", to_string(error.code)}, {"message", error.to_line()}});
  }
  std::fprintf(stderr, "%.*s: error: %s\n", int(program.size()), program.data(), error.to_line().c_str());
}

void Console::line(std::string_view text) {
  std::FILE* const stream = is_stdout_taken_ ? stderr : stdout;
  if (!json_mode_) std::fprintf(stream, "%.*s\n", static_cast<int>(text.size()), text.data());
}

void Console::line_now(std::string_view text) {
  line(text);
  std::fflush(is_stdout_taken_ ? stderr : stdout);
}

Status Console::take_stdout() {
  if (json_mode_)
    return Error{ErrorCode::invalid_argument, "--json and the output - both write to standard output", {}, {}};
  is_stdout_taken_ = true;
  return {};
}

void Console::note(std::string_view text) {
  std::fflush(stdout);
  if (g_progress_form == ProgressForm::kJson) return write_line({{"event", "note"}, {"message", text}});
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

TerminalProgress::TerminalProgress(std::string label)
    : label_(std::move(label)), terminal_(platform::is_terminal(kStderr)) {}

TerminalProgress::~TerminalProgress() {
  if (g_progress_form == ProgressForm::kJson) {
    write_event("end");
  } else if (drawn_ && terminal_) {
    std::fputs("\n", stderr);
  }
}

bool TerminalProgress::stop_requested() const { return platform::interrupted(); }

void TerminalProgress::update(std::uint64_t done, std::uint64_t total, std::string_view note) {
  done_ = done;
  total_ = total;
  note_ = note;
  const auto now = Clock::now();
  const bool is_json = g_progress_form == ProgressForm::kJson;
  const bool finished = drawn_ && total > 0 && done >= total;
  const auto pause = std::chrono::milliseconds(is_json ? 200 : terminal_ ? 100 : 10000);
  const bool is_first = is_json && !drawn_;
  if (g_progress_form == ProgressForm::kNone || (!finished && !is_first && now - last_ < pause)) return;
  last_ = now;
  drawn_ = true;
  is_json ? write_event("progress") : draw(done, total, note);
}

void TerminalProgress::write_event(std::string_view event) const {
  const double elapsed = std::chrono::duration<double>(Clock::now() - started_).count();
  nlohmann::json line = {{"event", event}, {"job", label_}, {"done", done_}, {"elapsed_sec", elapsed}};
  line["total"] = total_ > 0 ? nlohmann::json(total_) : nlohmann::json(nullptr);
  if (!note_.empty()) line["note"] = note_;
  write_line(line);
}

void TerminalProgress::draw(std::uint64_t done, std::uint64_t total, std::string_view note) {
  std::string text = label_;
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    text += (terminal_ ? " " + bar(share) : std::string()) + " " + fixed(100 * share, 0) + " %";
  } else {
    text += " step " + grouped(done);
  }
  if (!note.empty()) text += "  " + std::string(note);
  if (terminal_) {
    std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  std::fflush(stderr);
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

}  // namespace continuo::cli
