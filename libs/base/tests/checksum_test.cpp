#include "continuo/base/checksum.h"

#include <fstream>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/platform/platform.h"
#include "continuo/base/rng.h"

namespace continuo::checksum_detail {
std::uint32_t crc32c_plain(std::span<const std::uint8_t> bytes);
std::array<std::uint32_t, 8> sha256_compress_plain(std::array<std::uint32_t, 8>, std::span<const std::uint8_t>);
std::array<std::uint32_t, 8> sha256_compress_fastest(std::array<std::uint32_t, 8>, std::span<const std::uint8_t>);
}  // namespace continuo::checksum_detail

namespace continuo {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::string sha256(std::span<const std::uint8_t> bytes) {
  Sha256 sha;
  sha.update(bytes);
  return sha.finish();
}

std::vector<std::uint8_t> noise(std::size_t size) {
  Rng rng(size);
  std::vector<std::uint8_t> bytes(size);
  for (auto& byte : bytes) byte = std::uint8_t(rng.below(256));
  return bytes;
}

TEST(Crc32c, GivesTheVectorsOfRfc3720) {
  EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0x00)), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0xff)), 0x62a8ab43u);
  std::vector<std::uint8_t> rising(32);
  for (std::size_t i = 0; i < 32; ++i) rising[i] = std::uint8_t(i);
  EXPECT_EQ(crc32c(rising), 0x46dd794eu);
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c({}), 0u);
}

TEST(Crc32c, ChainsAndAgreesWithThePlainWay) {
  for (const std::size_t size : {1u, 7u, 8u, 9u, 63u, 1000u}) {
    const auto bytes = noise(size);
    EXPECT_EQ(checksum_detail::crc32c_plain(bytes), crc32c(bytes));
    const std::span<const std::uint8_t> all(bytes);
    for (std::size_t cut = 0; cut <= size; cut += 1 + size / 7)
      EXPECT_EQ(crc32c(all.subspan(cut), crc32c(all.first(cut))), crc32c(all)) << size << " cut at " << cut;
  }
}

TEST(Sha256, GivesTheVectorsOfFips180) {
  EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(bytes_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::vector<std::uint8_t>(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, AnyCutsGiveTheSameAndThePlainWayAgrees) {
  const auto bytes = noise(1024);
  const std::span<const std::uint8_t> all(bytes);
  for (const std::size_t step : {1u, 3u, 63u, 64u, 65u, 200u}) {
    Sha256 sha;
    for (std::size_t at = 0; at < bytes.size(); at += step) sha.update(all.subspan(at, std::min(step, 1024 - at)));
    EXPECT_EQ(sha.finish(), sha256(all)) << step;
  }
  const std::array<std::uint32_t, 8> state = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(checksum_detail::sha256_compress_plain(state, all), checksum_detail::sha256_compress_fastest(state, all));
}

TEST(Sha256, OfAFileAndOfNone) {
  const auto path = std::filesystem::temp_directory_path() / ("continuo-sha-" + platform::unique_suffix());
  std::ofstream(path) << "abc";
  EXPECT_EQ(*sha256_of_file(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::filesystem::remove(path);
  EXPECT_EQ(sha256_of_file(path).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace continuo
