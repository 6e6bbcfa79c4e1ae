#include "continuo/runs/run.h"

#include <nlohmann/json.hpp>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "continuo/base/file.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/runs/run_files.h"

namespace continuo::runs {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "# a comment\ndata = '/music/tunes'\nmodel = 'gpt2'\nsize = 'tiny'\nseed = \"1\"\n";
constexpr const char* kOldHeader =
    "step,epoch,tokens,elapsed_sec,loss,validation_nll,learning_rate,gradient_norm,tokens_per_s\n";

class RunsTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(top); }
  void TearDown() override { fs::remove_all(top); }

  fs::path make(const std::string& name, const std::string& config, const std::string& metrics) const {
    fs::create_directories(top / name / kSamplesFolder);
    if (!config.empty()) EXPECT_TRUE(write_file(top / name / kConfigFile, config));
    if (!metrics.empty()) EXPECT_TRUE(write_file(top / name / kMetricsFile, metrics));
    return top / name;
  }
  // Three steps, of which two are validated.
  static std::string metrics() {
    return std::string(kOldHeader) +
           "1,0.1,100,1.5,4,3.5,0.1,1,100\n2,0.2,200,3,3,2.5,0.1,1,100\n3,0.3,300,4,2,,0.1,1,100\n";
  }

  const fs::path top = fs::temp_directory_path() / ("continuo_runs_" + std::to_string(getpid()));
};

TEST_F(RunsTest, ARunHasItsOptionsAndMetrics) {
  const auto run = read_run(make("a", kConfig, metrics()));
  ASSERT_TRUE(run.ok()) << run.error().to_line();
  EXPECT_EQ(run->option("model"), "gpt2");
  EXPECT_EQ(run->option("seed"), "1");
  EXPECT_EQ(run->option("no_such_option"), "");
  EXPECT_EQ(run->data, "tunes");
  EXPECT_FALSE(run->parameters);
  ASSERT_EQ(run->metrics.rows().size(), 3U);
  ASSERT_NE(run->best(), nullptr);
  EXPECT_EQ(run->best()->step, 2);
  EXPECT_EQ(run->best()->validation_nll, 2.5);
}

TEST_F(RunsTest, ItsModelHasItsSizeAndTheNameOfItsData) {
  const fs::path folder = make("a", kConfig, metrics());
  auto config = checkpoint::preset_config("lstm", "tiny").value();
  config.vocab_size = 10;
  std::vector<std::vector<std::uint8_t>> blocks;
  std::map<std::string, checkpoint::TensorView> views;
  for (const auto& spec : checkpoint::tensor_specs(config)) {
    checkpoint::TensorView view{checkpoint::DType::kF32, spec.shape, {}};
    blocks.emplace_back(static_cast<std::size_t>(view.elements()) * sizeof(float));
    view.data = blocks.back();
    views[spec.name] = view;
  }
  const checkpoint::Provenance from{.data_set = "chorales"};
  const nlohmann::json tokenizer = {{"name", "tsd"}, {"options", {{"grid", 4}}}};
  ASSERT_TRUE(checkpoint::write_checkpoint(folder / kLastFile, config, tokenizer, from, views).ok());
  ASSERT_TRUE(write_file(folder / kBestFile, "cut short"));
  const auto run = read_run(folder);
  ASSERT_TRUE(run.ok()) << run.error().to_line();
  EXPECT_EQ(run->parameters, checkpoint::parameter_count(config));
  EXPECT_EQ(run->data, "chorales");
  EXPECT_EQ(run->tokenizer, "tsd");
  EXPECT_EQ(nlohmann::json::parse(run->tokenizer_json), tokenizer);
}

TEST_F(RunsTest, TokenizersDifferByNameOrOptionsAmongRunsThatHaveOne) {
  const runs::Run unknown, remi{.tokenizer = "remi", .tokenizer_json = R"({"name":"remi","options":{"grid":4}})"};
  const runs::Run finer{.tokenizer = "remi", .tokenizer_json = R"({"name":"remi","options":{"grid":8}})"};
  EXPECT_FALSE(tokenizers_differ({}));
  EXPECT_FALSE(tokenizers_differ(std::vector<runs::Run>{unknown, remi, remi}));
  EXPECT_TRUE(tokenizers_differ(std::vector<runs::Run>{remi, unknown, finer}));
}

TEST_F(RunsTest, BrokenRunsAreLeftOutAndNamed) {
  make("good", kConfig, metrics());
  make("deep/good", kConfig, metrics());
  make("rows", kConfig, metrics() + "4,0.4,4\n");
  make("toml", "model = ", metrics());
  make("foreign", "title = 'a page'\n", metrics());
  make("started", kConfig, "");
  make("no-steps", kConfig, kOldHeader);
  make("no-config", "", metrics());
  fs::create_directories(top / "no-run");
  ASSERT_TRUE(write_file(top / "no-run" / kConfigFile, "anything"));
  const fs::path given[] = {top, top / "deep"};
  const auto found = find_runs(given);
  ASSERT_TRUE(found.ok()) << found.error().to_line();
  ASSERT_EQ(found->runs.size(), 2U);
  EXPECT_EQ(found->runs[0].folder, top / "deep/good");
  EXPECT_EQ(found->runs[1].folder, top / "good");
  std::map<std::string, ErrorCode> broken;
  for (const Error& error : found->broken) broken[fs::path(error.path).lexically_relative(top).string()] = error.code;
  EXPECT_EQ(broken, (std::map<std::string, ErrorCode>{{"rows/metrics.csv", ErrorCode::malformed},
                                                      {"toml/config.toml", ErrorCode::malformed},
                                                      {"foreign/config.toml", ErrorCode::malformed},
                                                      {"started/metrics.csv", ErrorCode::empty},
                                                      {"no-steps/metrics.csv", ErrorCode::empty},
                                                      {"no-config/config.toml", ErrorCode::not_found}}));
  const fs::path missing[] = {top / "missing"};
  EXPECT_EQ(find_runs(missing).error().code, ErrorCode::not_found);
}

TEST_F(RunsTest, OptionsThatDifferAreFound) {
  const std::string config = kConfig;
  make("a", config + "dropout = 0.1\npack = false\nmax_steps = 100\nqk_norm = 'off'\n", metrics());
  make("b", config + "dropout = 0.2\npack = false\nmax_steps = 100\nqk_norm = 'on'\nema = 0.9\n", metrics());
  const fs::path given[] = {top};
  const auto found = find_runs(given);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->runs.size(), 2U);
  EXPECT_EQ(differing_options(found->runs), (std::vector<std::string>{"dropout", "qk_norm"}));
  EXPECT_EQ(found->runs[0].option("dropout"), "0.1");
  EXPECT_TRUE(differing_options(std::span(found->runs).first(1)).empty());
  EXPECT_TRUE(differing_options({}).empty());
}

}  // namespace
}  // namespace continuo::runs
