#pragma once

#include <compare>

namespace continuo {

// A number with its unit in the type: values of one Tag add and compare among themselves, scale by plain
// numbers, and never mix with another unit by accident. A copy costs what Rep costs.
template <typename Tag, typename Rep>
struct StrongNumber {
  using rep = Rep;
  Rep value{};

  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(Rep v) : value(v) {}

  friend constexpr auto operator<=>(StrongNumber, StrongNumber) = default;
  friend constexpr StrongNumber operator+(StrongNumber a, StrongNumber b) { return StrongNumber(a.value + b.value); }
  friend constexpr StrongNumber operator-(StrongNumber a, StrongNumber b) { return StrongNumber(a.value - b.value); }
  friend constexpr StrongNumber operator-(StrongNumber a) { return StrongNumber(-a.value); }
  friend constexpr StrongNumber operator*(StrongNumber a, Rep b) { return StrongNumber(a.value * b); }
  friend constexpr StrongNumber operator*(Rep a, StrongNumber b) { return StrongNumber(a * b.value); }
  friend constexpr StrongNumber operator/(StrongNumber a, Rep b) { return StrongNumber(a.value / b); }
  friend constexpr Rep operator/(StrongNumber a, StrongNumber b) { return a.value / b.value; }
  friend constexpr StrongNumber operator%(StrongNumber a, StrongNumber b) { return StrongNumber(a.value % b.value); }
  constexpr StrongNumber& operator+=(StrongNumber b) { return value += b.value, *this; }
  constexpr StrongNumber& operator-=(StrongNumber b) { return value -= b.value, *this; }
};

}  // namespace continuo
