#pragma once

#include <algorithm>
#include <cstddef>

// How work is shared among threads. A Range is units of work, [begin, end). A Part is what one of several callers does
// of a call, which decides itself at which units it can be cut; parts_of(call), next to each operation, says into how
// many parts that is worth it. No result depends on either.
namespace continuo::kernels {

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
};

struct Part {
  std::size_t index = 0;
  std::size_t count = 1;

  std::size_t begin(std::size_t work) const { return work * index / count; }
  std::size_t end(std::size_t work) const { return work * (index + 1) / count; }
  Range of(std::size_t work) const { return {begin(work), end(work)}; }
};

// Into how many parts a call may be cut.
struct Parts {
  std::size_t most = 1;  // more would be empty or too small to be worth handing out
  bool repeats = false;  // each part repeats some work: one for each thread is best, while all threads come
};

constexpr std::size_t parts_for(std::size_t work, std::size_t least_of_a_part) {
  return std::max<std::size_t>(1, (work + least_of_a_part - 1) / least_of_a_part);
}

// For operations that do little with each row, and less with each number.
inline constexpr std::size_t kRowsOfAPart = 64, kNumbersOfAPart = 16384;
constexpr Parts parts_of_rows(std::size_t rows) { return {parts_for(rows, kRowsOfAPart)}; }
constexpr Parts parts_of_numbers(std::size_t count) { return {parts_for(count, kNumbersOfAPart)}; }

}  // namespace continuo::kernels
