#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "corr2d/memory.hpp"
#include "corr2d/plan.hpp"

namespace corr2d {

/// The threads that run the tasks of plans: the one that calls, and workers that wait until it
/// does. Tasks are handed out one by one, in their order, to whoever is free. A worker that comes
/// late finds nothing left to do, and nobody waits for it: only for those that have a task in hand.
class ThreadPool : public Allocated {
 public:
  /// How many threads there may be.
  static constexpr std::int32_t kMaxThreads = 1024;

  /// Starts `threads` - 1 workers, which may take their time to begin. `timeout_ms` says how many
  /// milliseconds `run` waits for the last tasks of others: kOk, kBadSize, kOutOfMemory or
  /// kWorkerFailed.
  static Status create(std::int32_t threads, std::int32_t timeout_ms,
                       std::unique_ptr<ThreadPool>* pool);
  /// Ends the workers and waits for them.
  ~ThreadPool();

  /// The calling one counts too.
  std::int32_t threads() const { return workers_ + 1; }
  /// How many of them are there by now.
  std::int32_t started() const { return started_.load(std::memory_order_acquire) + 1; }
  /// How many tasks a thread has run since the start; 0 is the calling one.
  std::int32_t tasks_of(std::int32_t thread) const;

  /// Runs tasks `first` to `first` + `count` - 1 of a plan made for as many workers as there are
  /// threads, and returns when all are done; to be called by one thread at a time. Allocates
  /// nothing: kOk, or kWorkerFailed where a worker has not come back from a task in time. Then the
  /// output is not complete, and from now on the calling thread runs everything by itself.
  Status run(const Plan& plan, const void* input, void* output, std::int32_t first,
             std::int32_t count);

  /// For tests: the worker that takes the `tasks`th task from now on never comes back from it.
  /// A negative number, as at the start, lets all come back.
  void lose_worker_after(std::int32_t tasks) { lost_after_ = tasks; }

 private:
  /// On cache lines of its own.
  struct alignas(kAlignment) Worker {
    ThreadPool* pool;
    std::int32_t thread;
    pthread_t handle;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    std::atomic<bool> sleeps;
  };
  struct alignas(kAlignment) Counter {
    std::atomic<std::int32_t> tasks;
  };

  ThreadPool() = default;
  Status start(std::int32_t threads);
  static void* work(void* worker);
  /// Waits until there is another turn than `seen`.
  void await_turn(Worker* worker, std::uint32_t seen);
  void wake_workers(std::int32_t wanted);
  /// Runs tasks of the job until there are no more. False for the worker that is to be lost.
  bool run_tasks(std::int32_t thread);
  void count_task(std::int32_t thread);
  /// Whether all workers have come back.
  bool await_workers();

  /// What is computed in this turn: written while the gate is shut, and nobody is in.
  struct Job {
    const Plan* plan;
    const void* input;
    void* output;
    std::int32_t end;
  };

  Job job_ = {};
  std::int32_t workers_ = 0, timeout_ms_ = 0;
  Buffer<Worker> worker_;
  Buffer<Counter> counters_;
  bool is_broken_ = false;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t back_ = PTHREAD_COND_INITIALIZER;
  std::atomic<std::int32_t> started_{0};
  std::atomic<bool> ends_{false}, is_waited_for_{false};
  std::atomic<std::int32_t> lost_after_{-1};
  /// Counts jobs, so that a worker does each but once.
  alignas(kAlignment) std::atomic<std::uint32_t> turn_{0};
  /// How many workers are in, and whether more may come in: kOpen.
  alignas(kAlignment) std::atomic<std::uint32_t> gate_{0};
  alignas(kAlignment) std::atomic<std::int32_t> next_{0};
};

}  // namespace corr2d
