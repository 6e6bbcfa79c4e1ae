#pragma once

#include <cstdint>
#include <string_view>

namespace continuo {

// How long work tells its caller where it is, and learns whether to continue. Libraries never print; the program
// passes an implementation that draws a bar, the studio one that streams events. Called from one thread.
class Progress {
 public:
  virtual ~Progress() = default;
  // `done` of `total` steps (total 0: unknown); `note` is a short text such as "loss 2.31, 5,210 tokens/s".
  virtual void update(std::uint64_t done, std::uint64_t total, std::string_view note) = 0;
  // True when the user has asked to stop: finish the current step, save, and return.
  virtual bool stop_requested() const { return false; }
};

// Says nothing and never stops.
class NoProgress final : public Progress {
 public:
  void update(std::uint64_t, std::uint64_t, std::string_view) override {}
};

}  // namespace continuo
