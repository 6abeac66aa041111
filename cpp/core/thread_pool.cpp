#include "corr2d/thread_pool.hpp"

#include <time.h>

#include <algorithm>
#include <new>

namespace corr2d {
namespace {

/// A bit of `active_` above the bits that count workers.
constexpr std::uint32_t kAccepting = std::uint32_t{1} << 31;

/// How many times a thread checks its condition before it sleeps.
constexpr std::int32_t kWorkerSpins = 20000;
constexpr std::int32_t kCallerSpins = 50000;

/// The caller waits in slices and counts each as this long, so that time during which the machine
/// was suspended uses up one slice and not the whole timeout.
constexpr std::int32_t kSliceMs = 50;

/// An upper bound of the memory that a thread takes in WebAssembly: its stack (64 KB, see
/// cmake/wasm.cmake) and its control block.
constexpr std::size_t kThreadBytes = 72 * 1024;

template <typename Condition>
bool spin(std::int32_t times, Condition condition) {
  for (std::int32_t i = 0; i < times; ++i) {
    if (condition()) return true;
  }
  return false;
}

/// Waits for a signal for at most kSliceMs.
void wait_one_slice(pthread_cond_t* signal, pthread_mutex_t* mutex) {
  timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_nsec += kSliceMs * 1000000L;
  if (end.tv_nsec >= 1000000000L) {
    end.tv_nsec -= 1000000000L;
    end.tv_sec += 1;
  }
  pthread_cond_timedwait(signal, mutex, &end);
}

/// Locks the mutex first: a thread that is about to wait holds it until it waits, so the signal
/// cannot come too early.
void wake(pthread_cond_t* signal, pthread_mutex_t* mutex) {
  pthread_mutex_lock(mutex);
  pthread_mutex_unlock(mutex);
  pthread_cond_signal(signal);
}

}  // namespace

Status ThreadPool::create(std::int32_t threads, std::int32_t timeout_ms,
                          std::unique_ptr<ThreadPool>* pool) {
  if (threads < 1 || threads > kMaxThreads) return Status::kBadSize;
  std::unique_ptr<ThreadPool> made(new ThreadPool);
  if (made == nullptr) return Status::kOutOfMemory;
  made->timeout_ms_ = timeout_ms;
  const Status status = made->start(threads);
  if (status == Status::kOk) *pool = std::move(made);
  return status;
}

Status ThreadPool::start(std::int32_t threads) {
  const auto count = static_cast<std::size_t>(threads);
  if (!worker_.reset(count - 1) || !counters_.reset(count)) return Status::kOutOfMemory;
  for (std::size_t i = 0; i < count; ++i) new (&counters_[i]) TaskCounter{};
  {
    // Emscripten's pthread_create does not check its allocations and writes to address 0 when they
    // fail. Workers that have been created cannot be joined before this call returns. So check that
    // there is memory for all of them before the first is created.
    Buffer<std::uint8_t> stacks;
    if (!stacks.reset((count - 1) * kThreadBytes)) return Status::kOutOfMemory;
  }
  for (std::size_t i = 0; i < count - 1; ++i) {
    ThreadWorker* worker = new (&worker_[i]) ThreadWorker{};
    worker->pool = this;
    worker->thread = static_cast<std::int32_t>(i) + 1;
    pthread_mutex_init(&worker->mutex, nullptr);
    pthread_cond_init(&worker->wake_up, nullptr);
    if (pthread_create(&worker->handle, nullptr, work, worker) != 0) return Status::kWorkerFailed;
    workers_ = worker->thread;
  }
  return Status::kOk;
}

ThreadPool::~ThreadPool() {
  is_stopping_ = true;
  generation_.fetch_add(1);
  wake_workers(workers_);
  for (std::int32_t i = 0; i < workers_; ++i) {
    ThreadWorker& worker = worker_[static_cast<std::size_t>(i)];
    pthread_join(worker.handle, nullptr);
    pthread_cond_destroy(&worker.wake_up);
    pthread_mutex_destroy(&worker.mutex);
  }
}

std::int32_t ThreadPool::tasks_of(std::int32_t thread) const {
  return counters_[static_cast<std::size_t>(thread)].tasks.load(std::memory_order_relaxed);
}

Status ThreadPool::run(const TaskList& tasks, std::int32_t first, std::int32_t count) {
  Status status = Status::kOk;
  for (const std::int32_t end = first + count; first < end && status == Status::kOk;) {
    const std::int32_t stage_end = std::min(tasks.stage_end(first), end);
    status = run_stage(tasks, first, stage_end);
    first = stage_end;
  }
  return status;
}

Status ThreadPool::run_stage(const TaskList& tasks, std::int32_t first, std::int32_t end) {
  const std::int32_t wanted =
      has_lost_worker_ || tasks.is_small() ? 0 : std::min(workers_, end - first - 1);
  if (wanted <= 0) {
    for (std::int32_t task = first; task < end; ++task) {
      tasks.run_task(task, 0);
      count_task(0);
    }
    return Status::kOk;
  }
  job_ = {&tasks, end};
  next_.store(first, std::memory_order_relaxed);
  active_.fetch_or(kAccepting, std::memory_order_release);
  // Sequentially consistent: a worker that is about to sleep either sees the new generation, or its
  // `is_asleep` is seen below.
  generation_.fetch_add(1);
  wake_workers(wanted);
  run_tasks(0);
  active_.fetch_and(~kAccepting, std::memory_order_relaxed);
  has_lost_worker_ = !wait_for_workers();
  return has_lost_worker_ ? Status::kWorkerFailed : Status::kOk;
}

void ThreadPool::wake_workers(std::int32_t count) {
  for (std::int32_t i = 0; i < std::min(workers_, count); ++i) {
    ThreadWorker& worker = worker_[static_cast<std::size_t>(i)];
    if (worker.is_asleep.load()) wake(&worker.wake_up, &worker.mutex);
  }
}

bool ThreadPool::run_tasks(std::int32_t thread) {
  for (;;) {
    const std::int32_t task = next_.fetch_add(1, std::memory_order_relaxed);
    if (task >= job_.end) return true;
    if (thread != 0 && loss_after_.load(std::memory_order_relaxed) >= 0 &&
        loss_after_.fetch_sub(1) == 0) {
      // For ThreadSanitizer, which would otherwise report a race with this worker's earlier tasks.
      active_.fetch_or(0, std::memory_order_release);
      return false;
    }
    job_.tasks->run_task(task, thread);
    count_task(thread);
  }
}

void ThreadPool::count_task(std::int32_t thread) {
  std::atomic<std::int32_t>& tasks = counters_[static_cast<std::size_t>(thread)].tasks;
  // Only this thread writes its count.
  tasks.store(tasks.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

bool ThreadPool::wait_for_workers() {
  const auto have_finished = [this] { return active_.load() == 0; };
  if (spin(kCallerSpins, have_finished)) return true;
  pthread_mutex_lock(&mutex_);
  is_caller_waiting_ = true;
  for (std::int32_t waited = 0; !have_finished() && waited < timeout_ms_; waited += kSliceMs) {
    wait_one_slice(&all_finished_, &mutex_);
  }
  is_caller_waiting_ = false;
  pthread_mutex_unlock(&mutex_);
  return have_finished();
}

void* ThreadPool::work(void* argument) {
  auto* worker = static_cast<ThreadWorker*>(argument);
  ThreadPool& pool = *worker->pool;
  pool.started_.fetch_add(1, std::memory_order_release);
  for (std::uint32_t seen = 0;;) {
    pool.wait_for_generation(worker, seen);
    seen = pool.generation_.load();
    if (pool.is_stopping_.load()) return nullptr;
    const std::uint32_t active = pool.active_.fetch_add(1, std::memory_order_acquire);
    if ((active & kAccepting) != 0 && !pool.run_tasks(worker->thread)) return nullptr;
    if (pool.active_.fetch_sub(1) == 1 && pool.is_caller_waiting_.load()) {
      wake(&pool.all_finished_, &pool.mutex_);
    }
  }
}

void ThreadPool::wait_for_generation(ThreadWorker* worker, std::uint32_t seen) {
  const auto has_changed = [this, seen] { return generation_.load() != seen; };
  if (spin(kWorkerSpins, has_changed)) return;
  pthread_mutex_lock(&worker->mutex);
  worker->is_asleep = true;
  while (!has_changed()) pthread_cond_wait(&worker->wake_up, &worker->mutex);
  worker->is_asleep = false;
  pthread_mutex_unlock(&worker->mutex);
}

}  // namespace corr2d
