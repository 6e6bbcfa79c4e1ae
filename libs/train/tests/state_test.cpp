#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "continuo/base/file.h"

#include "state/resume_state.h"
#include "state/run_clock.h"

namespace continuo::train {
namespace {

TEST(RunClock, GoesOnWhereEarlierProcessesEnded) {
  double now = 1000;
  const RunClock clock(50, [&] { return now; });
  EXPECT_EQ(clock.elapsed_sec(), 50);
  now = 1007;
  EXPECT_EQ(clock.elapsed_sec(), 57);
}

// Two parameters with moments in memory.
struct Memory {
  std::vector<float> a = {1, 2, 3, 4, 5, 6}, a1 = {7, 8, 9, 10, 11, 12}, a2 = {13, 14, 15, 16, 17, 18};
  std::vector<float> b = {19}, b1 = {20}, b2 = {21};
  std::vector<ParameterState> state() { return {{"a", {2, 3}, a, a1, a2}, {"b", {1}, b, b1, b2}}; }
  bool operator==(const Memory&) const = default;
};

class ResumeStateTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path); }
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("continuo_state_" + std::to_string(getpid()) + ".safetensors");
  const Memory zero = {{0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {0}, {0}, {0}};
};

TEST_F(ResumeStateTest, ReadsBackWhatWasWritten) {
  TrainOptions options;
  options.data = "somewhere";
  options.learning_rate = 0.125;
  const RunPosition position{.step = 5,
                             .tokens = 1234,
                             .elapsed_sec = 1.5,
                             .best_nll = 2.25,
                             .validations_since_best = 3,
                             .precision = "bf16",
                             .vocabulary_size = 300,
                             .data_tokens = 98765};
  Memory memory;
  ASSERT_TRUE(write_resume_state(path, options, position, memory.state()));
  const auto read = ResumeState::open(path);
  ASSERT_TRUE(read) << read.error().to_line();
  EXPECT_EQ(to_toml(read->options), to_toml(options));
  EXPECT_EQ(read->position.step, 5);
  EXPECT_EQ(read->position.tokens, 1234U);
  EXPECT_EQ(read->position.elapsed_sec, 1.5);
  EXPECT_EQ(read->position.best_nll, 2.25);
  EXPECT_EQ(read->position.validations_since_best, 3);
  EXPECT_EQ(read->position.precision, "bf16");
  EXPECT_EQ(read->position.vocabulary_size, 300);
  EXPECT_EQ(read->position.data_tokens, 98765U);
  Memory copy = zero;
  ASSERT_TRUE(read->copy_to(copy.state()));
  EXPECT_EQ(copy, memory);
}

TEST_F(ResumeStateTest, OtherParametersAreRefusedAndNothingIsCopied) {
  Memory memory;
  ASSERT_TRUE(write_resume_state(path, {}, {}, memory.state()));
  const auto read = ResumeState::open(path);
  ASSERT_TRUE(read);
  Memory copy = zero;
  auto renamed = copy.state();
  renamed[1].name = "c";
  EXPECT_EQ(read->copy_to(renamed).error().what, "the resume state lacks value/c");
  auto reshaped = copy.state();
  reshaped[1].shape = {1, 1};
  EXPECT_EQ(read->copy_to(reshaped).error().what, "the resume state has another shape of value/b");
  auto longer = copy.state();
  std::vector<float> nine(9);
  longer[1].second_moment = nine;
  EXPECT_EQ(read->copy_to(longer).error().what, "the resume state has another shape of second_moment/b");
  EXPECT_EQ(copy, zero);
}

TEST_F(ResumeStateTest, NumbersThatAreNotFiniteAreNeitherWrittenNorRead) {
  Memory good;
  ASSERT_TRUE(write_resume_state(path, {}, {.step = 3}, good.state()));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    Memory memory;
    memory.b2[0] = bad;
    const Status status = write_resume_state(path, {}, {.step = 4}, memory.state());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().to_line(),
              path.string() +
                  ": second_moment/b has numbers that are not finite; the last good state is kept, "
                  "and a lower learning_rate or gradient_clip may help, step 4");
    EXPECT_EQ(ResumeState::open(path)->position.step, 3);
  }

  // The last value in the file.
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const float infinite = std::numeric_limits<float>::infinity();
  file.seekp(-std::streamoff(sizeof infinite), std::ios::end);
  file.write(reinterpret_cast<const char*>(&infinite), sizeof infinite);
  file.close();
  const auto read = ResumeState::open(path);
  ASSERT_TRUE(read);
  Memory copy = zero;
  const Status status = read->copy_to(copy.state());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().to_line(), "the resume state has numbers in value/b that are not finite");
  EXPECT_EQ(copy, zero) << "nothing is copied";
}

TEST_F(ResumeStateTest, AParameterWithoutASecondMomentComesBackWithoutOne) {
  Memory memory;
  auto state = memory.state();
  state[1].second_moment = {};
  ASSERT_TRUE(write_resume_state(path, {}, {}, state));
  const auto read = ResumeState::open(path);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->file.tensors().count("second_moment/b"), 0U);
  Memory copy = zero;
  EXPECT_EQ(read->copy_to(copy.state()).error().what, "the resume state lacks second_moment/b");
  auto wanted = copy.state();
  wanted[1].second_moment = {};
  EXPECT_TRUE(read->copy_to(wanted));
}

TEST_F(ResumeStateTest, AStateFromBeforePatienceIsRead) {
  Memory memory;
  ASSERT_TRUE(write_resume_state(path, {}, {.step = 5, .validations_since_best = 2}, memory.state()));
  std::string text = read_text_file(path).value();
  const std::string member = R"(,\"validations_since_best\":2)";
  const auto at = text.find(member);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, member.size(), std::string(member.size(), ' '));
  ASSERT_TRUE(write_file(path, text));
  const auto read = ResumeState::open(path);
  ASSERT_TRUE(read) << read.error().to_line();
  EXPECT_EQ(read->position.step, 5);
  EXPECT_EQ(read->position.validations_since_best, 0);
}

TEST_F(ResumeStateTest, BrokenPositionsAreRefused) {
  Memory memory;
  ASSERT_TRUE(write_resume_state(path, {}, {.step = 5, .validations_since_best = 12}, memory.state()));
  const std::string good = read_text_file(path).value();
  struct Case {
    const char *from, *to;
    ErrorCode code;
  };
  for (const Case& c :
       {Case{R"(\"step\":5)", R"(\"step\":-)", ErrorCode::malformed},
        Case{R"(\"validations_since_best\":12)", R"(\"validations_since_best\":-1)", ErrorCode::malformed},
        Case{R"(\"format\":2)", R"(\"format\":1)", ErrorCode::incompatible},
        Case{R"(\"format\":2)", R"(\"fOrmat\":2)", ErrorCode::malformed},
        Case{"continuo.train", "continuo.TRAIN", ErrorCode::wrong_format},
        Case{"continuo.options", "continuo.OPTIONS", ErrorCode::wrong_format}}) {
    std::string bad = good;
    const auto at = bad.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.from;
    bad.replace(at, std::string_view(c.from).size(), c.to);
    ASSERT_TRUE(write_file(path, bad));
    const auto read = ResumeState::open(path);
    ASSERT_FALSE(read) << c.to;
    EXPECT_EQ(read.error().code, c.code) << c.to << ": " << read.error().to_line();
    EXPECT_EQ(read.error().path, path.string());
  }
}

}  // namespace
}  // namespace continuo::train
