#include "continuo/options/values.h"

#include <charconv>
#include <stdexcept>

namespace continuo::options {
namespace {

template <typename Number>
Number read(const std::string& text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

bool Values::has(std::string_view name) const { return values_.find(name) != values_.end(); }

bool Values::given(std::string_view name) const {
  const auto found = values_.find(name);
  return found != values_.end() && found->second.is_given;
}

bool Values::flag(std::string_view name) const { return given(name) && text(name) == "true"; }

const std::string& Values::text(std::string_view name) const { return texts(name).front(); }

const std::vector<std::string>& Values::texts(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::out_of_range("no value of '" + std::string(name) + "'");
  return found->second.texts;
}

std::int64_t Values::integer(std::string_view name) const { return read<std::int64_t>(text(name)); }
std::uint64_t Values::unsigned_integer(std::string_view name) const { return read<std::uint64_t>(text(name)); }
double Values::real(std::string_view name) const { return read<double>(text(name)); }

void Values::give(std::string_view name, std::string text) {
  values_.insert_or_assign(std::string(name), Value{.texts = {std::move(text)}, .is_given = true});
}

void Values::give_more(std::string_view name, std::string text) {
  if (!given(name)) return give(name, std::move(text));
  values_.find(name)->second.texts.push_back(std::move(text));
}

void Values::add(const Values& weaker) { values_.insert(weaker.values_.begin(), weaker.values_.end()); }

Status Values::complete(const std::vector<Field>& fields, Syntax syntax) {
  for (const Field& field : fields) {
    if (has(field.name)) continue;
    if (field.required) return Error{ErrorCode::invalid_argument, "missing: " + written(field, syntax), {}, {}};
    if (!field.default_value.empty()) values_.insert({field.name, {.texts = {field.default_value}, .is_given = false}});
  }
  return {};
}

}  // namespace continuo::options
