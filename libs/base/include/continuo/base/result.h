#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include "continuo/base/error.h"

namespace continuo {

// A value, or the Error that kept it from being made. What reads input returns this; exceptions are kept for
// the exceptional (memory, libtorch). Requires: value() only when ok(), error() only when not.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  // Lets `return std::make_unique<Derived>()` stand for Result<std::unique_ptr<Base>>.
  template <typename U>
  requires(std::is_convertible_v<U, T> && !std::is_same_v<std::decay_t<U>, T> &&
           !std::is_same_v<std::decay_t<U>, Error> && !std::is_same_v<std::decay_t<U>, Result>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return assert(ok()), std::get<0>(state_); }
  const T& value() const& { return assert(ok()), std::get<0>(state_); }
  T&& value() && { return assert(ok()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return assert(!ok()), std::get<1>(state_); }
  const Error& error() const& { return assert(!ok()), std::get<1>(state_); }
  Error&& error() && { return assert(!ok()), std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// Success without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return assert(!ok()), *error_; }
  Error&& error() && { return assert(!ok()), std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace continuo

// CONTINUO_TRY(expression): leaves the function with the expression's Error, if it has one.
// CONTINUO_ASSIGN(auto name, expression): the same, and otherwise binds its value.
#define CONTINUO_TRY(expression)                                            \
  do {                                                                      \
    if (auto continuo_try_status = (expression); !continuo_try_status.ok()) \
      return std::move(continuo_try_status).error();                        \
  } while (false)

#define CONTINUO_ASSIGN_JOIN(a, b) a##b
#define CONTINUO_ASSIGN_NAME(line) CONTINUO_ASSIGN_JOIN(continuo_result_, line)
#define CONTINUO_ASSIGN(declaration, expression)                                                      \
  auto CONTINUO_ASSIGN_NAME(__LINE__) = (expression);                                                 \
  if (!CONTINUO_ASSIGN_NAME(__LINE__).ok()) return std::move(CONTINUO_ASSIGN_NAME(__LINE__)).error(); \
  declaration = std::move(CONTINUO_ASSIGN_NAME(__LINE__)).value()
