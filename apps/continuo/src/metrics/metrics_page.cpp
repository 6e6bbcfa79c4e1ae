#include "metrics_page.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "continuo/base/text.h"

namespace continuo::app {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #222; }
h1, h2 { font-weight: 600; }
article { border-top: 1px solid #ddd; padding: 1rem 0; }
article h3 { margin: 0 0 .5rem; }
audio { width: 100%; }
img { width: 100%; height: auto; margin: .5rem 0; }
p.numbers { color: #555; margin: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 13px; }
th, td { text-align: right; padding: .1rem .5rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tr.group td { font-weight: 600; padding-top: .8rem; }
.a { color: #2b6cb0; } .b { color: #777; }
</style>
)";
constexpr std::size_t kMostPieces = 100;  // with a player each

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

// A relative address: whatever is not plain is written in percent form.
std::string address(const fs::path& file, const fs::path& folder) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::error_code ignored;  // a file that cannot be reached from there keeps its path
  const fs::path from = fs::absolute(folder.empty() ? "." : folder, ignored).lexically_normal();
  const fs::path relative = fs::absolute(file, ignored).lexically_normal().lexically_proximate(from);
  std::string text;
  for (const char c : relative.generic_string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("/.-_~").find(c) != std::string_view::npos;
    if (is_plain) {
      text += c;
    } else {
      text += {'%', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return text;
}

// The file of that name with another extension, where there is one.
std::optional<fs::path> beside(const fs::path& file, std::string_view extension) {
  fs::path other = file;
  other.replace_extension(extension);
  std::error_code ignored;
  if (file.empty() || !fs::is_regular_file(other, ignored)) return {};
  return other;
}

std::string short_number(double value) {
  std::string text = cli::fixed(value, 2);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

// The measures that a card shows.
std::string numbers_of(const MeasuredPiece& piece) {
  const auto& measured = piece.measures.statistics;
  std::string text = counted(measured.notes, "note", "notes") + " in " +
                     counted(std::uint64_t(measured.bars), "bar", "bars") + ", " + clock_text(measured.seconds) +
                     "; polyphony " + short_number(measured.polyphony);
  if (const auto entropy = piece.measures.muspy.pitch_class_entropy)
    text += ", pitch-class entropy " + short_number(*entropy) + " bits, scale consistency " +
            short_number(measured.scale_consistency);
  return text + ", groove consistency " + short_number(measured.groove_consistency);
}

std::string card(const MeasuredPiece& piece, const fs::path& folder) {
  std::string html = "<article>\n<h3>";
  html += piece.file.empty() ? escaped(piece.name)
                             : "<a href=\"" + address(piece.file, folder) + "\">" + escaped(piece.name) + "</a>";
  html += "</h3>\n";
  if (const auto sound = beside(piece.file, ".wav"))
    html += "<audio controls preload=\"none\" src=\"" + address(*sound, folder) + "\"></audio>\n";
  for (const std::string_view extension : {".png", ".svg"}) {
    const auto picture = beside(piece.file, extension);
    if (!picture) continue;
    html += "<img loading=\"lazy\" alt=\"Piano roll of " + escaped(piece.name) + "\" src=\"" +
            address(*picture, folder) + "\">\n";
    break;
  }
  return html + "<p class=\"numbers\">" + numbers_of(piece) + "</p>\n</article>\n";
}

struct Range {
  double least = 0, greatest = 0;
};

constexpr double kPlotWidth = 180;
constexpr double kRowHeight = 10;

// From the least to the greatest value a line, from the first to the third quartile a box, and the median.
std::string box_plot(std::vector<double> values, Range range, int row, std::string_view style) {
  if (values.empty()) return "";
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double value = values[std::size_t(share * double(values.size() - 1) + 0.5)];
    const double width = range.greatest > range.least ? range.greatest - range.least : 1;
    return cli::fixed(2 + (kPlotWidth - 4) * (value - range.least) / width, 1);
  };
  const auto number = [](double value) { return cli::fixed(value, 1); };
  const double top = row * kRowHeight + 1, middle = top + kRowHeight / 2 - 1, bottom = top + kRowHeight - 2;
  const std::string box =
      "M" + at(0.25) + " " + number(top) + "H" + at(0.75) + "V" + number(bottom) + "H" + at(0.25) + "Z";
  const std::string line = "M" + at(0) + " " + number(middle) + "H" + at(1);
  const std::string median = "M" + at(0.5) + " " + number(top) + "V" + number(bottom);
  return "<g class=\"" + std::string(style) + "\" stroke=\"currentColor\"><path fill=\"none\" d=\"" + line +
         "\"/><path fill=\"currentColor\" fill-opacity=\".25\" d=\"" + box +
         "\"/><path fill=\"none\" stroke-width=\"2\" d=\"" + median + "\"/></g>";
}

std::string plot(const std::vector<double>& a, const std::vector<double>& b, int rows) {
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  if (all.empty()) return "";
  const auto [least, greatest] = std::minmax_element(all.begin(), all.end());
  const Range range{*least, *greatest};
  return "<svg width=\"" + cli::fixed(kPlotWidth, 0) + "\" height=\"" + cli::fixed(rows * kRowHeight, 0) + "\">" +
         box_plot(a, range, 0, "a") + box_plot(b, range, 1, "b") + "</svg>";
}

std::string value_cells(const std::vector<double>& values) {
  if (values.empty()) return "<td>-</td><td>-</td>";
  const auto summary = metrics::mean_and_deviation(values);
  return "<td>" + cli::fixed(summary.mean, 3) + "</td><td>" + cli::fixed(summary.deviation, 3) + "</td>";
}

std::string set_name(const MeasuredSet& set) {
  return escaped(set.name) + ", " + counted(set.pieces.size(), "piece", "pieces");
}

constexpr std::size_t kMostColumns = 8;  // of single pieces

// A few pieces have a column each, many their mean and deviation.
std::string heads_of(const MeasuredSet& set) {
  if (set.pieces.size() > kMostColumns) return "<th class=\"a\">mean</th><th class=\"a\">deviation</th>";
  std::string html;
  for (const auto& piece : set.pieces)
    html += "<th class=\"a\">" + escaped(fs::path(piece.name).stem().string()) + "</th>";
  return html;
}

std::string cells_of(const MeasuredSet& set, const metrics::MeasureField& field) {
  if (set.pieces.size() > kMostColumns) return value_cells(set.values(field));
  std::string html;
  for (const auto& piece : set.pieces) {
    const auto value = field.value(piece.measures);
    html += "<td>" + (value ? short_number(*value) : "-") + "</td>";
  }
  return html;
}

std::string percent(std::optional<double> share) { return share ? cli::fixed(100 * *share, 0) + " %" : "-"; }

std::string measures_table(const MeasuredSet& set, const MeasuredSet* against, const SetDifferences& found) {
  std::string html = "<h2>Measures</h2>\n<p><span class=\"a\">" + set_name(set) + "</span>";
  if (against != nullptr) html += " beside <span class=\"b\">" + set_name(*against) + " (grey)</span>";
  html +=
      ". In the plots a box holds the middle half of the pieces, a line all of them. Group names are those of the "
      "packages that define the measures; <code>continuo help metrics</code> says more.";
  if (against != nullptr) html += " Overlap: how much of their spread of values both sets share.";
  html += "</p>\n<table>\n<tr><th>measure</th><th></th>" + heads_of(set);
  if (against != nullptr) html += "<th class=\"b\">mean</th><th class=\"b\">deviation</th><th>overlap</th>";
  html += "</tr>\n";
  std::string_view group;
  for (std::size_t i = 0; i < metrics::measure_fields().size(); ++i) {
    const metrics::MeasureField& field = metrics::measure_fields()[i];
    if (field.is_of_structure && !set.has_structure) continue;
    if (field.group != group) {
      group = field.group;
      html += "<tr class=\"group\"><td>" + std::string(group) + "</td></tr>\n";
    }
    const auto others = against != nullptr ? against->values(field) : std::vector<double>();
    html += "<tr><td>" + std::string(field.name) + "</td><td>" +
            plot(set.values(field), others, against != nullptr ? 2 : 1) + "</td>" + cells_of(set, field);
    if (against != nullptr) html += value_cells(others) + "<td>" + percent(found.overlaps[i]) + "</td>";
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

std::string distances_table(const SetDifferences& found) {
  if (!found.distances) return "";
  std::string html =
      "<h2>Distances</h2>\n<p>Mean distance of two pieces of one set, and of a piece of each (mgeval). Overlap: of the "
      "distances within a set with those between both; 100 % where pieces are as far from the other set as from "
      "their own.</p>\n<table>\n<tr><th>feature</th><th class=\"a\">within</th><th class=\"b\">within</th>"
      "<th>between</th><th class=\"a\">overlap</th><th class=\"b\">overlap</th></tr>\n";
  for (const auto& comparison : *found.distances) {
    html += "<tr><td>" + std::string(comparison.feature) + "</td>";
    for (const double distance :
         {comparison.distance_within_a, comparison.distance_within_b, comparison.distance_between})
      html += "<td>" + short_number(distance) + "</td>";
    for (const auto& compared : {comparison.a_to_between, comparison.b_to_between})
      html += "<td>" + percent(compared ? std::optional(compared->overlap) : std::nullopt) + "</td>";
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

}  // namespace

std::string metrics_page(const PageText& text, const MeasuredSet& set, const MeasuredSet* against,
                         const SetDifferences& found) {
  std::string html(kHead);
  html += "<title>" + escaped(text.title) + "</title>\n<h1>" + escaped(text.title) + "</h1>\n";
  const std::size_t shown = std::min(set.pieces.size(), kMostPieces);
  for (std::size_t i = 0; i < shown; ++i) html += card(set.pieces[i], text.folder);
  if (shown < set.pieces.size())
    html += "<p>" + counted(set.pieces.size() - shown, "more piece is", "more pieces are") + " measured.</p>\n";
  return html + measures_table(set, against, found) + distances_table(found) + "</html>\n";
}

}  // namespace continuo::app
