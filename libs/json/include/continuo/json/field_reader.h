#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::json {

// An enumerator and its name in files.
template <typename Enum>
struct Named {
  Enum value;
  std::string_view name;
};

// The name of `value`. Requires: `names` has it.
template <typename Enum>
std::string_view name_of(std::type_identity_t<std::span<const Named<Enum>>> names, Enum value) {
  for (const auto& named : names) {
    if (named.value == value) return named.name;
  }
  return {};
}

// Reads members of a JSON object into variables, one after the other, and remembers the first problem; after that
// nothing is read any more. Ask status() or finish() before using what was read.
//
//   FieldReader fields(object, "model config");
//   fields.read("d_model", config.d_model);
//   fields.read_if_present("positions", kPositions, config.positions);
//   CONTINUO_TRY(fields.finish());
//
// Errors: malformed, as "model config: 'd_model' is not an integer", or wherever a member is missing, out of its
// variable's range, or has an unknown value.
class FieldReader {
 public:
  // `subject` begins each message. `object` must outlive this.
  FieldReader(const nlohmann::json& object, std::string subject);

  void read(std::string_view field, int& out);
  void read(std::string_view field, std::int64_t& out);
  void read(std::string_view field, std::uint64_t& out);
  void read(std::string_view field, double& out);  // finite
  void read(std::string_view field, bool& out);
  void read(std::string_view field, std::string& out);
  void read(std::string_view field, nlohmann::json& out);  // an object, as it is
  void read(std::string_view field, std::vector<std::string>& out);
  void read(std::string_view field, std::map<std::string, std::uint64_t>& out);  // an object of counts
  template <typename Enum>
  void read(std::string_view field, std::type_identity_t<std::span<const Named<Enum>>> names, Enum& out) {
    std::string name;
    read(field, name);
    if (!status_.ok()) return;
    for (const auto& named : names) {
      if (named.name == name) {
        out = named.value;
        return;
      }
    }
    fail(field, "has the unknown value '" + name + "'");
  }

  // As read(), but leaves the variable as it is where the object does not have the member.
  template <typename Out>
  void read_if_present(std::string_view field, Out& out) {
    if (accept(field)) read(field, out);
  }
  template <typename Enum>
  void read_if_present(std::string_view field, std::type_identity_t<std::span<const Named<Enum>>> names, Enum& out) {
    if (accept(field)) read(field, names, out);
  }

  // A reader of an object inside, whose problems begin with `field` after this subject. It has problems of its own:
  // hand its status to take().
  FieldReader object(std::string_view field);
  // Counts a reader's problem as one of this.
  void take(const Status& status);

  bool has(std::string_view field) const;
  void fail(std::string_view field, const std::string& problem);
  const Status& status() const { return status_; }
  // The first problem; else an error if the object has a member that nobody asked for.
  Status finish();

 private:
  const nlohmann::json* find(std::string_view field);
  // Remembers that the member may be there. Whether it is.
  bool accept(std::string_view field);

  const nlohmann::json& object_;
  std::string subject_;
  std::vector<std::string> known_;
  Status status_;
};

}  // namespace continuo::json
