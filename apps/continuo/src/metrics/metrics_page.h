#pragma once

#include <filesystem>
#include <string>

#include "measured_set.h"

namespace continuo::app {

// An HTML page that needs no other file but the sounds and pictures that it shows: each piece of the set with a player
// and a piano roll, where a .wav, and a .png or .svg, of its name are beside it, and each measure of both sets in a
// table with a plot. Links are relative to `folder`, in which the page will be.
std::string metrics_page(const std::string& title, const MeasuredSet& set, const MeasuredSet* against,
                         const std::filesystem::path& folder);

}  // namespace continuo::app
