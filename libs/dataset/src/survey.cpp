#include "survey.h"

#include <algorithm>
#include <unordered_map>

#include "piece_key.h"
#include "split.h"

namespace continuo::dataset {
namespace {

struct PieceFacts {
  std::size_t notes = 0;
  PieceKey key;
  bool all_drums = false;
};

struct FileFacts {
  std::vector<PieceFacts> pieces;
  std::optional<Error> error;
};

FileFacts facts_of(const Source& source, std::size_t file) {
  FileFacts facts;
  const auto scores = read_entry(source, file);
  if (!scores.ok()) {
    facts.error = scores.error();
    return facts;
  }
  for (const score::Score& score : *scores) {
    const bool all_drums = std::all_of(score.tracks.begin(), score.tracks.end(),
                                       [](const score::Track& track) { return track.is_drum || track.notes.empty(); });
    facts.pieces.push_back({score.note_count(), piece_key(score), all_drums});
  }
  return facts;
}

// Looks at pieces one by one, in order, and fills in a Plan.
class Surveyor {
 public:
  explicit Surveyor(const Source& source) : source_(source) { plan_.files.resize(source.entries.size()); }

  void take(std::size_t file, const FileFacts& facts) {
    const SourceEntry& entry = source_.entries[file];
    if (facts.error) plan_.rejects.push_back({file, reject_for(entry.path, *facts.error)});
    for (std::size_t tune = 0; tune < facts.pieces.size(); ++tune) {
      const PieceFacts& piece = facts.pieces[tune];
      plan_.files[file].push_back({std::nullopt, piece.all_drums});
      std::string name = piece_name(entry, tune, facts.pieces.size());
      if (auto error = fault_of(piece, name)) {
        plan_.rejects.push_back({file, reject_for(std::move(name), *error)});
      } else {
        places_.push_back({file, tune});
        groups_.push_back(piece.key.group);
      }
    }
  }

  Plan finish(std::uint64_t seed) && {
    const auto splits = assign_splits(groups_, seed);
    for (std::size_t i = 0; i < splits.size(); ++i) plan_.files[places_[i].file][places_[i].tune].split = splits[i];
    return std::move(plan_);
  }

 private:
  struct Place {
    std::size_t file, tune;
  };

  std::optional<Error> fault_of(const PieceFacts& piece, const std::string& name) {
    if (piece.notes == 0) return Error{ErrorCode::no_notes, "has no notes", {}, {}};
    if (piece.notes < kFewestNotes) {
      return Error{ErrorCode::no_notes,
                   "has only " + std::to_string(piece.notes) + " notes, fewer than the " +
                       std::to_string(kFewestNotes) + " that a piece needs",
                   {},
                   {}};
    }
    const auto [first, fresh] = first_names_.try_emplace(piece.key.exact, name);
    if (fresh) return std::nullopt;
    return Error{ErrorCode::duplicate, "has the same notes as " + first->second, {}, {}};
  }

  const Source& source_;
  Plan plan_;
  std::vector<Place> places_;
  std::vector<std::uint64_t> groups_;
  std::unordered_map<std::uint64_t, std::string> first_names_;
};

}  // namespace

Result<Plan> survey(const Source& source, std::uint64_t seed, BatchRun& run) {
  Surveyor surveyor(source);
  CONTINUO_TRY(run.run<FileFacts>(
      source.entries.size(), "reading", [&](std::size_t file) { return facts_of(source, file); },
      [&](std::size_t file, FileFacts&& facts) {
        surveyor.take(file, facts);
        return Status();
      }));
  return std::move(surveyor).finish(seed);
}

}  // namespace continuo::dataset
