#include "continuo/live/composing.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace continuo::live {
namespace {

Result<score::Score> wait_for(ComposingThread& composing) {
  while (true) {
    if (auto answer = composing.answer()) return *answer;
    std::this_thread::yield();
  }
}

score::Score titled(const std::string& title) {
  score::Score piece;
  piece.title = title;
  return piece;
}

TEST(ComposingThread, AnswersWhatItIsAsked) {
  ComposingThread composing(
      [](const score::Score& piece, const auto&) -> Result<score::Score> { return titled(piece.title + " answered"); });
  composing.ask(titled("one"));
  EXPECT_EQ(wait_for(composing)->title, "one answered");
  EXPECT_FALSE(composing.answer());
  composing.ask(titled("two"));
  EXPECT_EQ(wait_for(composing)->title, "two answered");
}

TEST(ComposingThread, ANewQuestionDropsTheOneBefore) {
  std::atomic<bool> has_begun = false;
  ComposingThread composing([&](const score::Score& piece, const auto& should_stop) -> Result<score::Score> {
    has_begun = true;
    while (piece.title == "one" && !should_stop()) std::this_thread::yield();
    return titled(piece.title);
  });
  composing.ask(titled("one"));
  while (!has_begun) std::this_thread::yield();
  composing.ask(titled("two"));
  EXPECT_EQ(wait_for(composing)->title, "two");
}

TEST(ComposingThread, EndsWhileItComposes) {
  ComposingThread composing([](const score::Score&, const auto& should_stop) -> Result<score::Score> {
    while (!should_stop()) std::this_thread::yield();
    return Error{ErrorCode::interrupted, "stopped", {}, {}};
  });
  composing.ask(titled("one"));
  EXPECT_FALSE(composing.answer());
}

}  // namespace
}  // namespace continuo::live
