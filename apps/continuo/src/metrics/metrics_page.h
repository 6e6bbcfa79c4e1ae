#pragma once

#include <filesystem>
#include <string>

#include "measured_set.h"
#include "set_differences.h"

namespace continuo::app {

struct PageText {
  std::string title;             // the heading
  std::filesystem::path folder;  // in which the page will be; links are relative to it. Empty: the current one
};

// An HTML page that needs no other file but the sounds and pictures that it shows: each piece of the set with a player
// and a piano roll, where a .wav, and a .png or .svg, of its name are beside it, each measure of both sets in a table
// with a plot, and the distances between the sets. `found` is of both sets; empty without `against`.
std::string metrics_page(const PageText& text, const MeasuredSet& set, const MeasuredSet* against,
                         const SetDifferences& found);

}  // namespace continuo::app
