#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "corr2d/memory.hpp"
#include "corr2d/status.hpp"
#include "corr2d/task_list.hpp"

namespace corr2d {

/// Threads that run tasks: the calling thread, and workers that sleep between runs. Each
/// thread takes the next task of a stage when it has finished one, in the order of their numbers.
/// `run` waits only for workers that have taken a task; a worker that wakes up late finds nothing
/// left to do.
class ThreadPool : public Allocated {
 public:
  static constexpr std::int32_t kMaxThreads = 1024;

  /// Starts `threads` - 1 workers, without waiting until they run. `timeout_ms` is how long `run`
  /// waits for workers after the caller has finished its own tasks, in milliseconds. Returns
  /// kBadSize unless 1 <= `threads` <= kMaxThreads, kOutOfMemory, or kWorkerFailed if a thread
  /// cannot be created; `*pool` is written only with kOk.
  static Status create(std::int32_t threads, std::int32_t timeout_ms,
                       std::unique_ptr<ThreadPool>* pool);
  /// Stops the workers and waits until they have ended.
  ~ThreadPool();

  /// The number of threads, including the caller.
  std::int32_t threads() const { return workers_ + 1; }
  /// The number of threads that have started, including the caller.
  std::int32_t started() const { return started_.load(std::memory_order_acquire) + 1; }
  /// The number of tasks that a thread has run since the pool was created; 0 is the caller.
  std::int32_t tasks_of(std::int32_t thread) const;

  /// Runs the tasks `first` to `first` + `count` - 1, one stage after the other, and returns when
  /// all are done. Only one thread may call it at a time. Allocates nothing. Returns kOk, or
  /// kWorkerFailed if a worker has not finished its task within the timeout. In that case the
  /// output is incomplete, the worker may still use `tasks`, and all later runs use only the
  /// calling thread.
  Status run(const TaskList& tasks, std::int32_t first, std::int32_t count);

  /// For tests: after workers have taken `tasks` more tasks, the worker that takes the next one
  /// never returns from it. With a negative number, which is the default, all workers return.
  void simulate_worker_loss_after(std::int32_t tasks) { loss_after_ = tasks; }

 private:
  /// Aligned so that no two workers share a cache line.
  struct alignas(kAlignment) ThreadWorker {
    ThreadPool* pool;
    std::int32_t thread;
    pthread_t handle;
    pthread_mutex_t mutex;
    pthread_cond_t wake_up;
    std::atomic<bool> is_asleep;
  };
  struct alignas(kAlignment) TaskCounter {
    std::atomic<std::int32_t> tasks;
  };

  ThreadPool() = default;
  Status start(std::int32_t threads);
  /// Runs tasks of one stage.
  Status run_stage(const TaskList& tasks, std::int32_t first, std::int32_t end);
  static void* work(void* worker);
  /// Waits until the generation is no longer `seen`.
  void wait_for_generation(ThreadWorker* worker, std::uint32_t seen);
  void wake_workers(std::int32_t count);
  /// Runs tasks of the job until there are no more. Returns false if this worker simulates a loss.
  bool run_tasks(std::int32_t thread);
  void count_task(std::int32_t thread);
  /// Waits until no worker is active. Returns false after the timeout.
  bool wait_for_workers();

  /// The tasks of this generation. Written only while no worker is active and none can become
  /// active.
  struct Job {
    const TaskList* tasks;
    std::int32_t end;
  };

  Job job_ = {};
  std::int32_t workers_ = 0, timeout_ms_ = 0;
  Buffer<ThreadWorker> worker_;
  Buffer<TaskCounter> counters_;
  bool has_lost_worker_ = false;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t all_finished_ = PTHREAD_COND_INITIALIZER;
  std::atomic<std::int32_t> started_{0};
  std::atomic<bool> is_stopping_{false}, is_caller_waiting_{false};
  std::atomic<std::int32_t> loss_after_{-1};
  /// The number of jobs so far, so that each worker takes part in a job once.
  alignas(kAlignment) std::atomic<std::uint32_t> generation_{0};
  /// The number of active workers, plus kAccepting while workers may become active.
  alignas(kAlignment) std::atomic<std::uint32_t> active_{0};
  /// The next task to be taken.
  alignas(kAlignment) std::atomic<std::int32_t> next_{0};
};

}  // namespace corr2d
