#include "continuo/checkpoint/safetensors.h"

#include <cstring>

#include <gtest/gtest.h>

#include "temporary_folder.h"

namespace continuo::checkpoint {
namespace {

std::span<const std::uint8_t> bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)};
}

// A file in its format: header length, header, data.
std::vector<std::uint8_t> assemble(const std::string& header, std::size_t data_bytes, std::uint64_t length) {
  std::vector<std::uint8_t> file;
  for (int i = 0; i < 8; ++i) file.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
  file.insert(file.end(), header.begin(), header.end());
  for (std::size_t i = 0; i < data_bytes; ++i) file.push_back(static_cast<std::uint8_t>(i));
  return file;
}

class SafetensorsText : public ::testing::Test {
 protected:
  Result<SafetensorsFile> open(const std::string& header, std::size_t data_bytes) {
    return open_bytes(assemble(header, data_bytes, header.size()));
  }
  Result<SafetensorsFile> open_bytes(const std::vector<std::uint8_t>& file) {
    const auto path = folder_ / "file.safetensors";
    put_bytes(path, file);
    return SafetensorsFile::open(path);
  }
  ErrorCode code(const std::string& header, std::size_t data_bytes) {
    const auto result = open(header, data_bytes);
    EXPECT_FALSE(result.ok()) << header;
    return result.ok() ? ErrorCode::interrupted : result.error().code;
  }
  TemporaryFolder folder_;
};

TEST_F(SafetensorsText, WriteThenOpen_GivesTheSame) {
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};
  const std::vector<float> b = {-1};
  const std::uint8_t odd[3] = {7, 8, 9};
  const std::map<std::string, TensorView> tensors = {{"a", {DType::kU8, {3}, odd}},
                                                     {"m", {DType::kF32, {2, 3}, bytes_of(a)}},
                                                     {"nothing", {DType::kF32, {0, 5}, {}}},
                                                     {"scalar", {DType::kF32, {}, bytes_of(b)}}};
  const auto path = folder_ / "round.safetensors";
  ASSERT_TRUE(write_safetensors(path, tensors, {{"key", "värde \" \n"}}).ok());
  const auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file.ok()) << file.error().to_line();
  EXPECT_EQ(file->metadata().at("key"), "värde \" \n");
  ASSERT_EQ(file->tensors().size(), tensors.size());
  for (const auto& [name, view] : tensors) {
    const TensorView& read = file->tensors().at(name);
    EXPECT_EQ(read.dtype, view.dtype);
    EXPECT_EQ(read.shape, view.shape);
    EXPECT_TRUE(std::equal(read.data.begin(), read.data.end(), view.data.begin(), view.data.end())) << name;
  }
  // Wide elements first and a padded header: floats are aligned even after an odd number of bytes.
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(file->tensors().at("m").data.data()) % 64, 0u);
}

TEST_F(SafetensorsText, Write_RefusesWhatCouldNotBeRead) {
  const std::vector<float> a = {1, 2};
  const auto path = folder_ / "never.safetensors";
  EXPECT_EQ(write_safetensors(path, {{"a", {DType::kF32, {3}, bytes_of(a)}}}, {}).error().code, ErrorCode::malformed);
  EXPECT_EQ(write_safetensors(path, {{"a", {DType::kF32, {-1, -2}, bytes_of(a)}}}, {}).error().code,
            ErrorCode::malformed);
  EXPECT_FALSE(write_safetensors(path, {{"__metadata__", {DType::kF32, {2}, bytes_of(a)}}}, {}).ok());
  EXPECT_FALSE(write_safetensors(path, {{"\xff", {DType::kF32, {2}, bytes_of(a)}}}, {}).ok());
  EXPECT_FALSE(write_safetensors(folder_ / "no/such/folder", {{"a", {DType::kF32, {2}, bytes_of(a)}}}, {}).ok());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SafetensorsText, ForeignFile_Loads) {
  // As Hugging Face's library writes: compact JSON, blanks at the end, any order, dtypes that we never write.
  const auto file = open(
      R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F16","shape":[2,2],"data_offsets":[8,16]},)"
      R"("i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[16,19]}}   )",
      19);
  ASSERT_TRUE(file.ok()) << file.error().to_line();
  EXPECT_EQ(file->metadata().at("format"), "pt");
  EXPECT_EQ(file->tensors().at("w").dtype, DType::kF16);
  EXPECT_EQ(file->tensors().at("w").data[0], 8);
  EXPECT_EQ(file->tensors().at("mask").elements(), 3);
}

TEST_F(SafetensorsText, EmptyObject_IsAFileOfNoTensors) { EXPECT_TRUE(open("{}", 0).ok()); }

TEST_F(SafetensorsText, BrokenHeaders_AreRefused) {
  const auto tensor = [](const std::string& fields) { return R"({"a":{)" + fields + "}}"; };
  const std::vector<std::string> broken = {
      "{",
      "{]",
      R"({"a":1})",
      R"({"a":[]})",
      R"({"a":{}})",
      R"({"__metadata__":3})",
      R"({"__metadata__":{"k":3}})",
      tensor(R"("dtype":"F32","shape":[1])"),
      tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0])"),
      tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,8])"),
      tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"),
      tensor(R"("dtype":"F32","shape":[1],"data_offsets":[-4,0])"),
      tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0.0,4.0])"),
      tensor(R"("dtype":"F32","shape":[1],"data_offsets":["0","4"])"),
      tensor(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"),
      tensor(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])"),
      tensor(R"("dtype":"F32","shape":1,"data_offsets":[0,4])"),
      tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"),
      tensor(R"("dtype":"F33","shape":[1],"data_offsets":[0,4])"),
      tensor(R"("dtype":32,"shape":[1],"data_offsets":[0,4])"),
      tensor(R"("dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4])"),
      tensor(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])"),
      tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"more":0)"),
      tensor(R"("dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4])"),
      tensor(R"("dtype":"F32","shape":[[[[1]]]],"data_offsets":[0,4])"),
      R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
      R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
      R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})",
      R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})",
  };
  for (const std::string& header : broken) EXPECT_EQ(code(header, 4), ErrorCode::malformed) << header;
  EXPECT_EQ(code(R"({"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}})", 4), ErrorCode::truncated);
  EXPECT_EQ(code(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[9223372036854775806,9223372036854775807]}})", 4),
            ErrorCode::truncated);
  EXPECT_EQ(code(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}})", 4),
            ErrorCode::malformed);
}

TEST_F(SafetensorsText, DeepNesting_StopsBeforeTheStack) {
  const std::string deep = R"({"a":)" + std::string(1'000'000, '[');
  const auto result = open(deep, 0);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::malformed);
}

TEST_F(SafetensorsText, HeaderLength_IsChecked) {
  for (const std::uint64_t length : {std::uint64_t{3}, std::uint64_t{99'999'999}, ~std::uint64_t{0},
                                     std::uint64_t{1} << 63, ~std::uint64_t{0} - 7}) {
    EXPECT_FALSE(open_bytes(assemble("{}", 0, length)).ok()) << length;
  }
  EXPECT_EQ(open_bytes(assemble("{}", 0, 99'999'999)).error().code, ErrorCode::truncated);
  EXPECT_EQ(open_bytes({}).error().code, ErrorCode::empty);
  EXPECT_EQ(open_bytes({'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 1}).error().code, ErrorCode::wrong_format);
  EXPECT_EQ(open_bytes(assemble("[]", 0, 2)).error().code, ErrorCode::wrong_format);
  EXPECT_EQ(SafetensorsFile::open(folder_ / "absent").error().code, ErrorCode::not_found);
}

TEST_F(SafetensorsText, EveryTruncation_IsRefused) {
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};
  const auto path = folder_ / "whole.safetensors";
  ASSERT_TRUE(write_safetensors(path, {{"a", {DType::kF32, {2, 3}, bytes_of(a)}}}, {{"k", "v"}}).ok());
  const auto whole = read_file(path).value();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(open_bytes({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}).ok()) << length;
  }
  EXPECT_TRUE(open_bytes(whole).ok());
}

TEST_F(SafetensorsText, FlippedHeaderBytes_NeverGiveTensorsOutsideTheFile) {
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};
  const auto path = folder_ / "whole.safetensors";
  ASSERT_TRUE(write_safetensors(path, {{"a", {DType::kF32, {2, 3}, bytes_of(a)}}}, {{"k", "v"}}).ok());
  const auto whole = read_file(path).value();
  int refused = 0;
  for (std::size_t place = 0; place < whole.size() - bytes_of(a).size(); ++place) {
    for (const std::uint8_t flip : {0x01, 0x04, 0x10, 0x80, 0xff}) {
      auto bytes = whole;
      bytes[place] ^= flip;
      const auto file = open_bytes(bytes);
      if (!file.ok()) {
        ++refused;
        continue;
      }
      std::size_t sum = 0;
      for (const auto& [name, view] : file->tensors()) {
        EXPECT_EQ(static_cast<std::size_t>(view.elements()) * size_of(view.dtype), view.data.size());
        for (const std::uint8_t byte : view.data) sum += byte;
      }
      EXPECT_GT(sum, 0u);
    }
  }
  EXPECT_GT(refused, 300);
}

// Every element type, with its width in bytes, as the format's description has them.
TEST_F(SafetensorsText, ElementTypes_HaveTheirNamesAndWidths) {
  struct Type {
    DType type;
    const char* name;
    std::size_t bytes;
  };
  for (const Type& type :
       {Type{DType::kF64, "F64", 8}, Type{DType::kI64, "I64", 8}, Type{DType::kU64, "U64", 8},
        Type{DType::kF32, "F32", 4}, Type{DType::kI32, "I32", 4}, Type{DType::kU32, "U32", 4},
        Type{DType::kF16, "F16", 2}, Type{DType::kBF16, "BF16", 2}, Type{DType::kI16, "I16", 2},
        Type{DType::kU16, "U16", 2}, Type{DType::kI8, "I8", 1}, Type{DType::kU8, "U8", 1},
        Type{DType::kBool, "BOOL", 1}, Type{DType::kF8E4M3, "F8_E4M3", 1}, Type{DType::kF8E5M2, "F8_E5M2", 1}}) {
    EXPECT_EQ(size_of(type.type), type.bytes) << type.name;
    EXPECT_EQ(to_string(type.type), type.name);
    const std::string header = R"({"a":{"dtype":")" + std::string(type.name) + R"(","shape":[3],"data_offsets":[0,)" +
                               std::to_string(3 * type.bytes) + "]}}";
    const auto file = open(header, 3 * type.bytes);
    ASSERT_TRUE(file.ok()) << file.error().to_line();
    EXPECT_EQ(file->tensors().at("a").dtype, type.type);
    EXPECT_FALSE(open(header, 3 * type.bytes - 1).ok());
  }
}

TEST_F(SafetensorsText, Write_PutsWideElementsFirstThenNamesWithoutGaps) {
  const std::vector<std::uint8_t> block(64, 7);
  const auto view = [&](DType type, std::int64_t elements) {
    return TensorView{type, {elements}, std::span(block).first(std::size_t(elements) * size_of(type))};
  };
  const auto path = folder_ / "ordered.safetensors";
  ASSERT_TRUE(write_safetensors(path,
                                {{"a", view(DType::kU8, 3)},
                                 {"b", view(DType::kI64, 2)},
                                 {"c", view(DType::kF32, 1)},
                                 {"d", view(DType::kI64, 1)},
                                 {"e", view(DType::kBF16, 5)}},
                                {})
                  .ok());
  const auto file = SafetensorsFile::open(path).value();
  const auto* start = file.tensors().at("b").data.data();
  const auto offset = [&](const char* name) { return file.tensors().at(name).data.data() - start; };
  EXPECT_EQ(offset("d"), 16);
  EXPECT_EQ(offset("c"), 24);
  EXPECT_EQ(offset("e"), 28);
  EXPECT_EQ(offset("a"), 38);
  EXPECT_EQ(std::filesystem::file_size(path) % 64, 41U);  // the data begins at a multiple of 64 and has no padding
}

TEST_F(SafetensorsText, Errors_NameTheTensorTheByteAndTheProblem) {
  struct Case {
    const char* header;
    const char* part;
  };
  for (const Case& c : {
           Case{R"({"a":1})", "three fields"},
           Case{R"({"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}})", "dtype"},
           Case{R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "tensor 'a'"},
           Case{R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}})", "hole"},
           Case{R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", "byte 3 of the data"},
           Case{R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "'dtype' occurs twice"},
           Case{R"({"a":{"dtype":"F32","shape":[[[[1]]]],"data_offsets":[0,4]}})", "nested too deeply"},
           Case{R"({"a":})", "broken JSON"},
           // The byte is one of the file: the header's length comes before the JSON.
           Case{R"({"a":})", "byte 14"},
       }) {
    const auto file = open(c.header, 4);
    ASSERT_FALSE(file.ok()) << c.header;
    EXPECT_NE(file.error().to_line().find(c.part), std::string::npos) << c.header << ": " << file.error().to_line();
  }
}

}  // namespace
}  // namespace continuo::checkpoint
