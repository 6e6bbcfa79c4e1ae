#include "continuo/json/strict_parse.h"

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace continuo::json {
namespace {

using nlohmann::json;

// Listens to the parser and stops it at the first breach of the limits; keeps nothing but the keys of open
// objects.
class StructureCheck final : public nlohmann::json_sax<json> {
 public:
  explicit StructureCheck(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool start_object(std::size_t) override { return value() && open(); }
  bool start_array(std::size_t) override { return value() && open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (levels_.back().keys.insert(name).second) return true;
    return fail("the key '" + name.substr(0, 80) + "' occurs twice");
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    position_ = position;
    return fail("broken JSON");
  }

  const std::string& problem() const { return problem_; }
  std::size_t position() const { return position_; }

 private:
  struct Level {
    std::size_t values = 0;
    std::unordered_set<std::string> keys;
  };

  bool value() {
    if (levels_.empty() || ++levels_.back().values <= limits_.array_length) return true;
    return fail("too many values in one array or object");
  }

  bool open() {
    levels_.emplace_back();
    return levels_.size() <= limits_.depth || fail("values nested too deeply");
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  JsonLimits limits_;
  std::vector<Level> levels_;
  std::string problem_;
  std::size_t position_ = 0;
};

}  // namespace

Result<json> parse_json_strictly(std::string_view text, const JsonLimits& limits, std::size_t origin) {
  StructureCheck check(limits);
  if (!json::sax_parse(text, &check)) {
    std::string where = "in the JSON at byte " + std::to_string(origin + check.position());
    return Error{ErrorCode::malformed, check.problem(), std::move(where), {}};
  }
  return json::parse(text);
}

}  // namespace continuo::json
