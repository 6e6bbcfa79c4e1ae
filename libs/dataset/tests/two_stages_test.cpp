#include "build/two_stages.h"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::dataset {
namespace {

const Error kBroken{ErrorCode::malformed, "broken", {}, {}};

class TwoStages : public testing::TestWithParam<int> {
 protected:
  // Batches 0 to count - 1; what was taken of them.
  Status run(int count, int make_fails_at = -1, int take_fails_at = -1, bool throws = false) {
    ThreadPool threads(GetParam());
    int next = 0;
    return in_two_stages<int>(
        threads,
        [&]() -> Result<std::optional<int>> {
          if (next == make_fails_at && throws) throw std::runtime_error("made nothing");
          if (next == make_fails_at) return kBroken;
          return next < count ? std::optional(next++) : std::nullopt;
        },
        [&](int batch) -> Status {
          if (batch == take_fails_at && throws) throw std::runtime_error("took nothing");
          if (batch == take_fails_at) return kBroken;
          taken_.push_back(batch);
          return {};
        });
  }
  std::vector<int> taken_;
};

TEST_P(TwoStages, TakesAllInOrder) {
  ASSERT_TRUE(run(1000).ok());
  ASSERT_EQ(taken_.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(taken_[std::size_t(i)], i);
  taken_.clear();
  EXPECT_TRUE(run(0).ok());
  EXPECT_TRUE(taken_.empty());
}

TEST_P(TwoStages, EndsAtTheFirstErrorOfEither) {
  for (const int at : {0, 1, 7, 99}) {
    taken_.clear();
    EXPECT_EQ(run(100, at).error().code, ErrorCode::malformed);
    EXPECT_EQ(taken_.size(), std::size_t(at)) << "what was made before is taken";
    taken_.clear();
    EXPECT_EQ(run(100, -1, at).error().code, ErrorCode::malformed);
    EXPECT_EQ(taken_.size(), std::size_t(at));
  }
}

TEST_P(TwoStages, PassesExceptionsOn) {
  EXPECT_THROW((void)run(100, 5, -1, true), std::runtime_error);
  EXPECT_THROW((void)run(100, -1, 5, true), std::runtime_error);
}

INSTANTIATE_TEST_SUITE_P(Threads, TwoStages, testing::Values(1, 2, 4));

}  // namespace
}  // namespace continuo::dataset
