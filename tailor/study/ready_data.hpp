// A data set of any kind as images that a net takes: opened, split, made ready once and kept.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tailor/data/decode_pictures.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/data/options.hpp"
#include "tailor/data/readers/source.hpp"
#include "tailor/data/ready_part.hpp"
#include "tailor/study/observer.hpp"

namespace tailor::internal {

class ReadyData {
 public:
  // Throws bad_input where no set is recognised. `threads` 0 is all cores. Tells `observer` what
  // was understood and how far it is.
  ReadyData(const DataOptions& options, int threads, const Observer& observer = {});

  const Source& source() const { return source_; }
  // Where the cache keeps it; empty where it does not.
  const std::filesystem::path& folder() const { return folder_; }
  // What stood in its way; "" where nothing did.
  const std::string& why_not_kept() const { return why_not_kept_; }
  // Of the recipe that the training images have chosen, or the options name; may read them.
  const ChosenRecipe& recipe();
  // Given, or cut off the training images.
  bool has(Split split) const;
  // Whole; no class is renamed. Images are mapped from the cache, made ready and put there first
  // where they are not. Reading one part opens nothing of the others, where they are given apart.
  // Throws bad_input for a part that there is not, and for bad files unless they are skipped.
  ReadyPart part(Split split);
  DataIdentity identity();

 private:
  struct Room;

  bool is_cut() const;
  std::filesystem::path file_of(Split split) const;
  std::optional<ReadyPart> kept(Split split) const;
  SourcePart listed(Split split) const;
  ReadyPart array(Split split);
  ReadyPart unfilled(const SourcePart& listed);
  void look_at_training_images(const SourcePart& listed, ReadyPart& part, Room& room);
  void make_ready(Split split);
  void make(Split split);
  void make_cut();
  void keep_nothing(const std::string& why);
  void fill(const SourcePart& listed, ReadyPart& part, Room& room);
  void skip_bad(const FileErrors& errors, const SourcePart& listed, ReadyPart& part, Room& room);
  void find_groups(const SourcePart& listed, ReadyPart& part);
  void finish(Split split, ReadyPart part, Room& room);
  void tell_contradictions(const ReadyPart& part) const;

  DataOptions options_;
  int threads_;
  const Observer observer_;
  Source source_;
  std::filesystem::path folder_;  // in the cache; empty where nothing is kept
  std::optional<ChosenRecipe> recipe_;
  std::string why_not_kept_;
  std::map<Split, ReadyPart> made_;  // where they are not kept in files
};

}  // namespace tailor::internal
