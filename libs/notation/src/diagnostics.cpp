#include "continuo/notation/diagnostics.h"

#include <algorithm>
#include <numeric>

namespace continuo::notation {
namespace {

struct KindText {
  std::string_view name, one, many;
};

// In the order of DiagnosticKind.
constexpr std::array<KindText, kDiagnosticKinds> kKinds = {
    {{"damage", "place of damage", "places of damage"},
     {"skipped", "thing that makes no sense was skipped", "things that make no sense were skipped"},
     {"bar_length", "bar does not add up", "bars do not add up"},
     {"chord_symbol", "chord symbol cannot be played", "chord symbols cannot be played"},
     {"parts", "part differs in the number of measures", "parts differ in the number of measures"},
     {"rejected_tune", "tune was left out", "tunes were left out"},
     {"left_out", "thing was left out", "things were left out"}}};

const KindText& text_of(DiagnosticKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string times(std::size_t count) { return count > 1 ? " (" + std::to_string(count) + " times)" : ""; }

}  // namespace

std::string_view to_string(DiagnosticKind kind) { return text_of(kind).name; }

std::string Diagnostic::to_line() const {
  const bool is_numbered = kind == DiagnosticKind::left_out;
  return (place.empty() ? "" : place + ": ") + what + (is_numbered ? "" : times(count));
}

void Diagnostics::add(Diagnostic diagnostic) {
  counts_[static_cast<std::size_t>(diagnostic.kind)] += diagnostic.count;
  if (kept_.size() < kKept) kept_.push_back(std::move(diagnostic));
}

void Diagnostics::add(DiagnosticKind kind, std::string place, std::string what, std::size_t count) {
  add({.kind = kind, .place = std::move(place), .what = std::move(what), .count = count, .things = {}});
}

void Diagnostics::add_once(DiagnosticKind kind, std::string place, std::string what) {
  if (places_.emplace(kind, place).second) add(kind, std::move(place), std::move(what));
}

void Diagnostics::add_left_out(std::size_t count, std::string_view one, std::string_view many,
                               std::string_view reason) {
  if (count == 0) return;
  std::string what = std::to_string(count) + " ";
  what.append(count == 1 ? one : many).append(" left out: ").append(reason);
  add({.kind = DiagnosticKind::left_out,
       .place = {},
       .what = std::move(what),
       .count = count,
       .things = std::string(many)});
}

std::map<std::string, std::uint64_t> Diagnostics::left_out() const {
  std::map<std::string, std::uint64_t> counts;
  for (const Diagnostic& each : kept_)
    if (each.kind == DiagnosticKind::left_out) counts[each.things] += each.count;
  return counts;
}

std::size_t Diagnostics::count() const { return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0}); }

std::vector<std::string> Diagnostics::summary() const {
  std::vector<std::string> lines;
  std::set<DiagnosticKind> summed;
  for (const Diagnostic& first : kept_) {
    const std::size_t number = count(first.kind);
    const KindText& text = text_of(first.kind);
    switch (first.kind) {
      case DiagnosticKind::damage:
      case DiagnosticKind::left_out:
        lines.push_back(first.to_line());
        break;
      case DiagnosticKind::skipped:
      case DiagnosticKind::bar_length:
      case DiagnosticKind::chord_symbol:
      case DiagnosticKind::parts:
      case DiagnosticKind::rejected_tune:
        if (!summed.insert(first.kind).second) break;
        lines.push_back(std::to_string(number) + " " + std::string(number == 1 ? text.one : text.many) +
                        (number == 1 ? " (" : " (first: ") + first.to_line() + ")");
        break;
    }
  }
  return lines;
}

}  // namespace continuo::notation
