#include "repeats.h"

#include <algorithm>

namespace continuo::notation {
namespace {

// Variant endings that belong to one repeat.
struct EndingGroup {
  std::vector<std::size_t> heads;  // the measure at which each begins
  std::size_t end = 0;             // the first measure after the last ending
  int passes = 0;                  // the highest that an ending is for
  int last_pass = 0;               // whose ending is taken after D.C. or D.S.
};

class Repeats {
 public:
  explicit Repeats(std::span<const Navigation> measures) : measures_(measures), group_of_(measures.size(), kNone) {
    for (std::size_t i = 0; i < measures_.size(); ++i) {
      if (!measures_[i].endings.empty() && group_of_[i] == kNone) find_group(i);
    }
  }

  std::vector<std::size_t> order() {
    while (at_ < measures_.size() && order_.size() < kMaxPlayedMeasures) {
      if (enter_measure()) leave_measure();
      if (at_ == kNone) break;
    }
    return std::move(order_);
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  void find_group(std::size_t first) {
    EndingGroup group;
    std::vector<int> used;
    for (std::size_t head = first; head < measures_.size(); head = group.end) {
      const std::vector<int>& passes = measures_[head].endings;
      const bool is_new = std::none_of(passes.begin(), passes.end(),
                                       [&](int p) { return std::find(used.begin(), used.end(), p) != used.end(); });
      if (passes.empty() || !is_new) break;
      used.insert(used.end(), passes.begin(), passes.end());
      group.heads.push_back(head);
      group_of_[head] = groups_.size();
      group.end = end_of_ending(head);
    }
    group.passes = group.last_pass = *std::max_element(used.begin(), used.end());
    for (const std::size_t head : group.heads) {
      if (is_goal(head)) group.last_pass = measures_[head].endings.front();
    }
    groups_.push_back(std::move(group));
  }

  std::size_t end_of_ending(std::size_t head) const {
    std::size_t end = head + 1;
    while (end < measures_.size() && !measures_[end - 1].ends_section && measures_[end].endings.empty()) ++end;
    return end;
  }

  // Where D.C. and D.S. lead: an ending that holds the fine or the way to the coda.
  bool is_goal(std::size_t head) const {
    return std::any_of(measures_.begin() + static_cast<std::ptrdiff_t>(head),
                       measures_.begin() + static_cast<std::ptrdiff_t>(end_of_ending(head)),
                       [](const Navigation& m) { return m.fine || m.to_coda; });
  }

  bool is_for(std::size_t measure, int pass) const {
    const std::vector<int>& passes = measures_[measure].endings;
    return std::find(passes.begin(), passes.end(), pass) != passes.end();
  }

  void begin_section(std::size_t measure) {
    start_ = measure;
    pass_ = 1;
    has_explicit_start_ = false;
    group_ = kNone;
  }

  // False where the measure is not played and another one is next.
  bool enter_measure() {
    const Navigation& m = measures_[at_];
    if (m.starts_repeat && at_ != start_) begin_section(at_);
    if (m.starts_repeat) has_explicit_start_ = true;
    if (m.endings.empty()) return true;
    if (group_ != kNone && group_ != group_of_[at_]) begin_section(after_last_ending_);
    group_ = group_of_[at_];
    const EndingGroup& group = groups_[group_];
    const int pass = returning_ ? group.last_pass : pass_;
    if (pass == (returning_ ? group.last_pass : group.passes) && is_for(at_, pass)) after_last_ending_ = at_ + 1;
    if (is_for(at_, pass)) return true;
    const auto head =
        std::find_if(group.heads.begin(), group.heads.end(), [&](std::size_t h) { return h > at_ && is_for(h, pass); });
    at_ = head != group.heads.end() ? *head : group.end;
    if (head == group.heads.end()) begin_section(at_);
    return false;
  }

  void leave_measure() {
    const Navigation& m = measures_[at_];
    order_.push_back(at_);
    if (returning_) return leave_while_returning(m);
    const int passes = std::max(m.passes, group_ != kNone ? groups_[group_].passes : 0);
    const bool next_is_ending = group_ != kNone && at_ + 1 < measures_.size() && group_of_[at_ + 1] == group_;
    if ((m.passes > 0 || next_is_ending) && pass_ < passes) {
      ++pass_;
      at_ = start_;
      group_ = kNone;
      return;
    }
    if (in_coda_ && (m.fine || m.da_capo || m.dal_segno)) {
      at_ = kNone;
      return;
    }
    if (m.da_capo || m.dal_segno) return go_back(m.dal_segno);
    const bool ends_repeat = m.passes > 0 || (m.ends_section && group_ != kNone);
    if (ends_repeat || (m.ends_section && !has_explicit_start_)) begin_section(at_ + 1);
    ++at_;
  }

  void leave_while_returning(const Navigation& m) {
    if (m.fine) {
      at_ = kNone;
    } else if (m.to_coda) {
      go_to_coda();
    } else if (m.da_capo || m.dal_segno) {
      at_ = kNone;
    } else {
      ++at_;
    }
  }

  // The repeats of the coda itself are played.
  void go_to_coda() {
    std::size_t coda = measures_.size() - 1;
    while (coda > at_ && !measures_[coda].coda) --coda;
    if (coda == at_) {
      ++at_;
      return;
    }
    at_ = coda;
    returning_ = false;
    in_coda_ = true;
    begin_section(at_);
  }

  // D.C. and D.S.: once more without repeats, by the last endings, to the fine, over to the coda, or to this place.
  void go_back(bool to_segno) {
    returning_ = true;
    std::size_t target = 0;
    for (std::size_t i = 0; to_segno && i <= at_; ++i) {
      if (measures_[i].segno) target = i;
    }
    at_ = target;
    begin_section(at_);
  }

  std::span<const Navigation> measures_;
  std::vector<std::size_t> group_of_;
  std::vector<EndingGroup> groups_;
  std::vector<std::size_t> order_;
  std::size_t at_ = 0, start_ = 0, group_ = kNone, after_last_ending_ = 0;
  int pass_ = 1;
  bool has_explicit_start_ = false, returning_ = false, in_coda_ = false;
};

}  // namespace

Navigation merged(const Navigation& a, const Navigation& b) {
  Navigation both = a;
  both.starts_repeat |= b.starts_repeat;
  both.ends_section |= b.ends_section;
  both.passes = std::max(a.passes, b.passes);
  if (both.endings.empty()) both.endings = b.endings;
  both.segno |= b.segno;
  both.coda |= b.coda;
  both.to_coda |= b.to_coda;
  both.fine |= b.fine;
  both.da_capo |= b.da_capo;
  both.dal_segno |= b.dal_segno;
  return both;
}

std::vector<std::size_t> play_order(std::span<const Navigation> measures) { return Repeats(measures).order(); }

std::vector<std::size_t> play_order(std::span<const Navigation> measures, std::span<const Section> sections) {
  if (sections.empty()) return play_order(measures);
  std::vector<std::size_t> order;
  for (const auto& [begin, end] : sections) {
    for (const std::size_t index : play_order(measures.subspan(begin, end - begin))) {
      if (order.size() == kMaxPlayedMeasures) return order;
      order.push_back(begin + index);
    }
  }
  return order;
}

}  // namespace continuo::notation
