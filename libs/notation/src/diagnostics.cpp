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

// Kinds whose sorts have nothing in common, so that each is summed up on its own.
bool is_summed_by_sort(DiagnosticKind kind) {
  return kind == DiagnosticKind::damage || kind == DiagnosticKind::left_out;
}

std::string times(std::size_t count) { return count > 1 ? " (" + std::to_string(count) + " times)" : ""; }

}  // namespace

std::string_view to_string(DiagnosticKind kind) { return text_of(kind).name; }

std::string Diagnostic::to_line() const {
  const bool is_numbered = kind == DiagnosticKind::left_out;
  return (place.empty() ? "" : place + ": ") + what + (is_numbered ? "" : times(count));
}

void Diagnostics::add(DiagnosticKind kind, std::string place, std::string what, std::size_t count) {
  counts_[static_cast<std::size_t>(kind)] += count;
  if (kept_.size() < kKept) kept_.push_back({kind, std::move(place), std::move(what), count});
}

void Diagnostics::add_once(DiagnosticKind kind, std::string place, std::string what) {
  if (places_.emplace(kind, place).second) add(kind, std::move(place), std::move(what));
}

void Diagnostics::add_left_out(std::string what, std::size_t count) {
  if (count > 0) add(DiagnosticKind::left_out, {}, std::move(what), count);
}

std::size_t Diagnostics::count() const { return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0}); }

std::vector<std::string> Diagnostics::summary() const {
  std::vector<Diagnostic> sums;  // the first of each kind or sort, with the number of all
  for (const Diagnostic& diagnostic : kept_) {
    const auto same = std::find_if(sums.begin(), sums.end(), [&](const Diagnostic& sum) {
      return sum.kind == diagnostic.kind && (!is_summed_by_sort(sum.kind) || sum.what == diagnostic.what);
    });
    if (same == sums.end()) {
      sums.push_back(diagnostic);
    } else {
      same->count += diagnostic.count;
    }
  }
  std::vector<std::string> lines;
  for (const Diagnostic& sum : sums) {
    if (sum.kind == DiagnosticKind::left_out) {
      lines.push_back(sum.what);
    } else if (is_summed_by_sort(sum.kind)) {
      const std::string first = sum.place.empty() ? "" : (sum.count > 1 ? ", first at " : ", at ") + sum.place;
      lines.push_back(sum.what + times(sum.count) + first);
    } else {
      const std::size_t number = count(sum.kind);
      const KindText& text = text_of(sum.kind);
      lines.push_back(std::to_string(number) + " " + std::string(number == 1 ? text.one : text.many) +
                      (number == 1 ? " (" : " (first: ") + (sum.place.empty() ? "" : sum.place + ": ") + sum.what +
                      ")");
    }
  }
  return lines;
}

}  // namespace continuo::notation
