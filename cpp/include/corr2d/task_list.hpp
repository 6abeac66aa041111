#pragma once

#include <cstdint>

namespace corr2d {

/// Tasks, numbered from 0, which ThreadPool distributes among its threads. Consecutive tasks form
/// stages: those of one stage are independent of each other and read what earlier stages wrote.
class TaskList {
 public:
  /// Runs one task. `thread` is the number of the calling thread, 0 for the caller of
  /// ThreadPool::run; tasks that run at the same time have different numbers. Must not throw.
  virtual void run_task(std::int32_t task, std::int32_t thread) const = 0;

  /// The number of the first task after the stage of `task`.
  virtual std::int32_t stage_end(std::int32_t task) const = 0;

  /// True if all tasks together take less time than waking a worker.
  virtual bool is_small() const = 0;

 protected:
  ~TaskList() = default;
};

}  // namespace corr2d
