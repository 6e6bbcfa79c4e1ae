#include "continuo/base/byte_reader.h"

#include <vector>

#include <gtest/gtest.h>

namespace continuo {
namespace {

TEST(ByteReader, ReadsBigEndianNumbersInOrder) {
  const std::vector<std::uint8_t> bytes{0x01, 0x02, 0x03, 0xff, 0xfe, 0xfd, 0xfc};
  ByteReader reader(bytes);
  EXPECT_EQ(*reader.read_u8(), 1);
  EXPECT_EQ(*reader.read_u16_be(), 0x0203);
  EXPECT_EQ(*reader.read_u32_be(), 0xfffefdfcu);
  EXPECT_TRUE(reader.at_end());
}

TEST(ByteReader, RefusesToReadPastTheEndAndConsumesNothing) {
  const std::vector<std::uint8_t> bytes{1, 2, 3};
  ByteReader reader(bytes, 100);
  const auto result = reader.read_u32_be();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::truncated);
  EXPECT_EQ(result.error().where, "byte 100");
  EXPECT_EQ(reader.remaining(), 3u);
  EXPECT_FALSE(reader.read_bytes(4).ok());
  EXPECT_EQ(reader.take(10).size(), 3u);
  EXPECT_FALSE(reader.read_u8().ok());
}

}  // namespace
}  // namespace continuo
