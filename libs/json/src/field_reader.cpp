#include "continuo/json/field_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace continuo::json {

using nlohmann::json;

namespace {

// Of a name that a file gives, so that a hostile one does not fill the screen.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 60;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

}  // namespace

FieldReader::FieldReader(const json& object, std::string subject) : object_(object), subject_(std::move(subject)) {
  if (!object.is_object()) status_ = Error{ErrorCode::malformed, subject_ + ": not a JSON object"};
}

bool FieldReader::has(std::string_view field) const { return object_.is_object() && object_.contains(field); }

void FieldReader::fail(std::string_view field, const std::string& problem) {
  if (!status_.ok()) return;
  status_ = Error{ErrorCode::malformed, subject_ + ": '" + shortened(std::string(field)) + "' " + shortened(problem)};
}

bool FieldReader::accept(std::string_view field) {
  known_.emplace_back(field);
  return has(field);
}

const json* FieldReader::find(std::string_view field) {
  known_.emplace_back(field);
  if (!status_.ok()) return nullptr;
  const auto found = object_.find(field);
  if (found != object_.end()) return &*found;
  fail(field, "is missing");
  return nullptr;
}

void FieldReader::read(std::string_view field, std::int64_t& out) {
  const json* value = find(field);
  if (value == nullptr) return;
  if (!value->is_number_integer()) return fail(field, "is not an integer");
  const bool too_large =
      value->is_number_unsigned() && value->get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max();
  if (too_large) return fail(field, "is out of range");
  out = value->get<std::int64_t>();
}

void FieldReader::read(std::string_view field, std::uint64_t& out) {
  const json* value = find(field);
  if (value == nullptr) return;
  if (!value->is_number_integer()) return fail(field, "is not an integer");
  if (!value->is_number_unsigned() && value->get<std::int64_t>() < 0) return fail(field, "is out of range");
  out = value->get<std::uint64_t>();
}

void FieldReader::read(std::string_view field, int& out) {
  std::int64_t number = 0;
  read(field, number);
  if (!status_.ok()) return;
  if (!std::in_range<int>(number)) return fail(field, "is out of range");
  out = static_cast<int>(number);
}

void FieldReader::read(std::string_view field, double& out) {
  const json* value = find(field);
  if (value == nullptr) return;
  if (!value->is_number()) return fail(field, "is not a number");
  const auto number = value->get<double>();
  if (!std::isfinite(number)) return fail(field, "is not a finite number");
  out = number;
}

void FieldReader::read(std::string_view field, bool& out) {
  const json* value = find(field);
  if (value == nullptr) return;
  if (!value->is_boolean()) return fail(field, "is neither true nor false");
  out = value->get<bool>();
}

void FieldReader::read(std::string_view field, std::string& out) {
  const json* value = find(field);
  if (value == nullptr) return;
  if (!value->is_string()) return fail(field, "is not a string");
  out = value->get<std::string>();
}

void FieldReader::read(std::string_view field, json& out) {
  const json* value = find(field);
  if (value == nullptr) return;
  if (!value->is_object()) return fail(field, "is not an object");
  out = *value;
}

void FieldReader::read(std::string_view field, std::vector<std::string>& out) {
  const json* value = find(field);
  if (value == nullptr) return;
  const auto is_string = [](const json& item) { return item.is_string(); };
  if (!value->is_array() || !std::all_of(value->begin(), value->end(), is_string))
    return fail(field, "is not a list of strings");
  out = value->get<std::vector<std::string>>();
}

void FieldReader::read(std::string_view field, std::map<std::string, std::uint64_t>& out) {
  const json* value = find(field);
  if (value == nullptr) return;
  const auto is_count = [](const json& item) {
    return item.is_number_unsigned() || (item.is_number_integer() && item.get<std::int64_t>() >= 0);
  };
  if (!value->is_object() || !std::all_of(value->begin(), value->end(), is_count))
    return fail(field, "is not an object of counts");
  out = value->get<std::map<std::string, std::uint64_t>>();
}

FieldReader FieldReader::object(std::string_view field) {
  static const json kNothing = json::object();
  const json* value = find(field);
  if (value != nullptr && !value->is_object()) fail(field, "is not an object");
  FieldReader inside(status_.ok() ? *value : kNothing, subject_ + ": " + std::string(field));
  inside.status_ = status_;
  return inside;
}

void FieldReader::take(const Status& status) {
  if (status_.ok()) status_ = status;
}

Status FieldReader::finish() {
  if (!status_.ok()) return status_;
  for (const auto& [name, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      fail(name, "is a field that this version does not know");
    }
  }
  return status_;
}

}  // namespace continuo::json
