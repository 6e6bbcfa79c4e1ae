#include "continuo/base/checksum.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "continuo/base/platform/platform.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace continuo {
namespace {

using Blocks = std::span<const std::uint8_t>;  // a multiple of 64 bytes
using State = std::array<std::uint32_t, 8>;

constexpr std::array<std::uint32_t, 64> kRoundConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

// Source: FIPS 180-4, section 6.2.2.
void compress_plain(State& state, Blocks blocks) {
  for (; !blocks.empty(); blocks = blocks.subspan(64)) {
    std::array<std::uint32_t, 64> w;
    for (std::size_t t = 0; t < 16; ++t) w[t] = big_endian(blocks.data() + 4 * t);
    for (std::size_t t = 16; t < 64; ++t) {
      const std::uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
      const std::uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t t = 0; t < 64; ++t) {
      const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const std::uint32_t first = h + s1 + ((e & f) ^ (~e & g)) + kRoundConstants[t] + w[t];
      const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const std::uint32_t second = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
    }
    const State sum = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += sum[i];
  }
}

// Castagnoli's polynomial, bits reversed; eight bytes at a step.
constexpr auto kCrcTables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0u);
    tables[0][byte] = crc;
  }
  for (std::size_t byte = 0; byte < 256; ++byte)
    for (std::size_t k = 1; k < 8; ++k)
      tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 255];
  return tables;
}();

std::uint32_t crc_plain(std::uint32_t crc, Blocks bytes) {
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint32_t mixed = i < 4 ? std::uint32_t{bytes[i]} ^ ((crc >> (8 * i)) & 255) : bytes[i];
      next ^= kCrcTables[7 - i][mixed];
    }
    crc = next;
  }
  for (const std::uint8_t byte : bytes) crc = (crc >> 8) ^ kCrcTables[0][(crc ^ byte) & 255];
  return crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) std::uint32_t crc_sse42(std::uint32_t crc, Blocks bytes) {
  std::uint64_t wide = crc;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = std::uint32_t(wide);
  for (const std::uint8_t byte : bytes) crc = _mm_crc32_u8(crc, byte);
  return crc;
}

// The processor does two rounds with its state as (A,B,E,F) and (C,D,G,H), and four words of the schedule at a
// time. Source: Intel SDM, SHA256RNDS2, SHA256MSG1, SHA256MSG2.
__attribute__((target("sha,sse4.1,ssse3"))) void compress_sha_ni(State& state, Blocks blocks) {
  const __m128i swap_bytes = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data()));       // D C B A
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data() + 4));  // H G F E
  const __m128i badc = _mm_shuffle_epi32(low, 0xb1), efgh = _mm_shuffle_epi32(high, 0x1b);
  __m128i abef = _mm_alignr_epi8(badc, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, badc, 0xf0);
  for (; !blocks.empty(); blocks = blocks.subspan(64)) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 16; ++i) {
      if (i < 4) {
        w[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks.data() + 16 * i));
        w[i] = _mm_shuffle_epi8(w[i], swap_bytes);
      } else {
        const __m128i last = w[(i + 3) % 4], before_last = w[(i + 2) % 4];
        const __m128i partial =
            _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), _mm_alignr_epi8(last, before_last, 4));
        w[i % 4] = _mm_sha256msg2_epu32(partial, last);
      }
      const auto* constants = reinterpret_cast<const __m128i*>(kRoundConstants.data() + 4 * i);
      const __m128i sum = _mm_add_epi32(w[i % 4], _mm_loadu_si128(constants));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data()), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

bool has_sha_ni() {
  std::uint32_t a = 7, b = 0, c = 0, d = 0;  // leaf 7, bit 29 of EBX; g++ 12 has no name for it
  __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return ((b >> 29) & 1) != 0 && __builtin_cpu_supports("sse4.1");
}

#endif

using Compress = void (*)(State&, Blocks);
using Crc = std::uint32_t (*)(std::uint32_t, Blocks);

Compress fastest_compress() {
#if defined(__x86_64__)
  if (has_sha_ni()) return compress_sha_ni;
#endif
  return compress_plain;
}

Crc fastest_crc() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc_sse42;
#endif
  return crc_plain;
}

void compress(State& state, Blocks blocks) {
  static const Compress chosen = fastest_compress();
  chosen(state, blocks);
}

}  // namespace

namespace checksum_detail {
// For tests: the way without special instructions.
std::uint32_t crc32c_plain(std::span<const std::uint8_t> bytes) { return ~crc_plain(~0u, bytes); }
std::array<std::uint32_t, 8> sha256_compress_plain(std::array<std::uint32_t, 8> state, Blocks blocks) {
  compress_plain(state, blocks);
  return state;
}
std::array<std::uint32_t, 8> sha256_compress_fastest(std::array<std::uint32_t, 8> state, Blocks blocks) {
  compress(state, blocks);
  return state;
}
}  // namespace checksum_detail

std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t crc) {
  static const Crc chosen = fastest_crc();
  return ~chosen(~crc, bytes);
}

void Sha256::update(std::span<const std::uint8_t> bytes) {
  const std::size_t used = bytes_ % 64;
  bytes_ += bytes.size();
  if (used > 0) {
    const std::size_t taken = std::min(bytes.size(), 64 - used);
    std::copy_n(bytes.begin(), taken, block_.begin() + std::ptrdiff_t(used));
    bytes = bytes.subspan(taken);
    if (used + taken < 64) return;
    compress(state_, block_);
  }
  const std::size_t whole = bytes.size() / 64 * 64;
  compress(state_, bytes.first(whole));
  std::copy(bytes.begin() + std::ptrdiff_t(whole), bytes.end(), block_.begin());
}

std::string Sha256::finish() {
  const std::uint64_t bits = bytes_ * 8;
  std::vector<std::uint8_t> tail = {0x80};
  while ((bytes_ + tail.size()) % 64 != 56) tail.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8) tail.push_back(std::uint8_t(bits >> shift));
  update(tail);
  std::string text;
  for (const std::uint32_t word : state_)
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15];
  return text;
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return platform::error_from_errno(errno, path, "cannot be opened");
  std::vector<std::uint8_t> buffer(std::size_t{1} << 18);
  Sha256 sha;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get()))
    sha.update(std::span(buffer).first(count));
  if (std::ferror(file.get())) return platform::error_from_errno(errno, path, "cannot be read");
  return sha.finish();
}

}  // namespace continuo
