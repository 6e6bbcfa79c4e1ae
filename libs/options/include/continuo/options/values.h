#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/options/field.h"

namespace continuo::options {

// The values of some fields, by name, as text that check() has accepted.
// Requires in the getters but has() and given(): the field has a value (std::out_of_range otherwise).
class Values {
 public:
  bool has(std::string_view name) const;                 // has a value, given or by default
  bool given(std::string_view name) const;               // the user has given it, on the command line or in a file
  bool flag(std::string_view name) const;                // given as true
  const std::string& text(std::string_view name) const;  // the first, of a field that repeats
  const std::vector<std::string>& texts(std::string_view name) const;  // all of them, in the order given
  std::filesystem::path path(std::string_view name) const { return text(name); }
  std::int64_t integer(std::string_view name) const;
  std::uint64_t unsigned_integer(std::string_view name) const;
  double real(std::string_view name) const;

  // Requires: `text` is what check() accepts.
  void give(std::string_view name, std::string text);
  // One more value of a field that repeats.
  void give_more(std::string_view name, std::string text);
  // Takes over what `weaker` has and this has not.
  void add(const Values& weaker);
  // Adds the defaults of what has not been given. Errors: invalid_argument (a required field is missing).
  Status complete(const std::vector<Field>& fields, Syntax syntax);

 private:
  struct Value {
    std::vector<std::string> texts;  // at least one
    bool is_given;
  };
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace continuo::options
