#include "corr2d/thread_pool.hpp"

#include <time.h>

#include <algorithm>
#include <new>

namespace corr2d {
namespace {

constexpr std::uint32_t kOpen = std::uint32_t{1} << 31;

constexpr std::int32_t kWorkerSpins = 20000;
constexpr std::int32_t kCallerSpins = 50000;

/// Patience is counted in slices, each of which ends early at most: a machine that was asleep
/// meanwhile has used up one of them and not all.
constexpr std::int32_t kSliceMs = 50;

/// More than a thread takes in WebAssembly: its stack (cmake/wasm.cmake) and what goes with it.
constexpr std::size_t kThreadBytes = 72 * 1024;

template <typename Condition>
bool spin(std::int32_t times, Condition condition) {
  for (std::int32_t i = 0; i < times; ++i) {
    if (condition()) return true;
  }
  return false;
}

/// Waits for a signal, for a slice of time at most.
void wait_a_slice(pthread_cond_t* signal, pthread_mutex_t* mutex) {
  timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_nsec += kSliceMs * 1000000L;
  if (end.tv_nsec >= 1000000000L) {
    end.tv_nsec -= 1000000000L;
    end.tv_sec += 1;
  }
  pthread_cond_timedwait(signal, mutex, &end);
}

/// Whoever is about to wait holds the mutex until they do, so that the signal does not go before.
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
  for (std::size_t i = 0; i < count; ++i) new (&counters_[i]) Counter{};
  {
    // Emscripten's pthread_create does not ask whether there is room (it writes to address 0 then),
    // and workers that have been started cannot be waited for before this call has returned.
    Buffer<std::uint8_t> room;
    if (!room.reset((count - 1) * kThreadBytes)) return Status::kOutOfMemory;
  }
  for (std::size_t i = 0; i < count - 1; ++i) {
    Worker* worker = new (&worker_[i]) Worker{};
    worker->pool = this;
    worker->thread = static_cast<std::int32_t>(i) + 1;
    pthread_mutex_init(&worker->mutex, nullptr);
    pthread_cond_init(&worker->wake, nullptr);
    if (pthread_create(&worker->handle, nullptr, work, worker) != 0) return Status::kWorkerFailed;
    workers_ = worker->thread;
  }
  return Status::kOk;
}

ThreadPool::~ThreadPool() {
  ends_ = true;
  turn_.fetch_add(1);
  wake_workers(workers_);
  for (std::int32_t i = 0; i < workers_; ++i) {
    Worker& worker = worker_[static_cast<std::size_t>(i)];
    pthread_join(worker.handle, nullptr);
    pthread_cond_destroy(&worker.wake);
    pthread_mutex_destroy(&worker.mutex);
  }
}

std::int32_t ThreadPool::tasks_of(std::int32_t thread) const {
  return counters_[static_cast<std::size_t>(thread)].tasks.load(std::memory_order_relaxed);
}

Status ThreadPool::run(const Plan& plan, const void* input, void* output, std::int32_t first,
                       std::int32_t count) {
  const std::int32_t helpers = is_broken_ || plan.is_small() ? 0 : std::min(workers_, count - 1);
  if (helpers <= 0) {
    for (std::int32_t task = first; task < first + count; ++task) {
      plan.run_task(input, output, task, 0);
      count_task(0);
    }
    return Status::kOk;
  }
  job_ = {&plan, input, output, first + count};
  next_.store(first, std::memory_order_relaxed);
  gate_.fetch_or(kOpen, std::memory_order_release);
  // Not weaker: whoever is about to sleep either sees the new turn or is seen to sleep.
  turn_.fetch_add(1);
  wake_workers(helpers);
  run_tasks(0);
  gate_.fetch_and(~kOpen, std::memory_order_relaxed);
  is_broken_ = !await_workers();
  return is_broken_ ? Status::kWorkerFailed : Status::kOk;
}

void ThreadPool::wake_workers(std::int32_t wanted) {
  for (std::int32_t i = 0; i < workers_ && wanted > 0; ++i, --wanted) {
    Worker& worker = worker_[static_cast<std::size_t>(i)];
    if (worker.sleeps.load()) wake(&worker.wake, &worker.mutex);
  }
}

bool ThreadPool::run_tasks(std::int32_t thread) {
  for (;;) {
    const std::int32_t task = next_.fetch_add(1, std::memory_order_relaxed);
    if (task >= job_.end) return true;
    if (thread != 0 && lost_after_.load(std::memory_order_relaxed) >= 0 &&
        lost_after_.fetch_sub(1) == 0) {
      // Otherwise ThreadSanitizer would find it at work still, in what it did before.
      gate_.fetch_or(0, std::memory_order_release);
      return false;
    }
    job_.plan->run_task(job_.input, job_.output, task, thread);
    count_task(thread);
  }
}

void ThreadPool::count_task(std::int32_t thread) {
  std::atomic<std::int32_t>& tasks = counters_[static_cast<std::size_t>(thread)].tasks;
  // Nobody else writes it.
  tasks.store(tasks.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

bool ThreadPool::await_workers() {
  const auto are_back = [this] { return gate_.load() == 0; };
  if (spin(kCallerSpins, are_back)) return true;
  pthread_mutex_lock(&mutex_);
  is_waited_for_ = true;
  for (std::int32_t waited = 0; !are_back() && waited < timeout_ms_; waited += kSliceMs) {
    wait_a_slice(&back_, &mutex_);
  }
  is_waited_for_ = false;
  pthread_mutex_unlock(&mutex_);
  return are_back();
}

void* ThreadPool::work(void* argument) {
  auto* worker = static_cast<Worker*>(argument);
  ThreadPool& pool = *worker->pool;
  pool.started_.fetch_add(1, std::memory_order_release);
  for (std::uint32_t seen = 0;;) {
    pool.await_turn(worker, seen);
    seen = pool.turn_.load();
    if (pool.ends_.load()) return nullptr;
    const std::uint32_t gate = pool.gate_.fetch_add(1, std::memory_order_acquire);
    if ((gate & kOpen) != 0 && !pool.run_tasks(worker->thread)) return nullptr;
    if (pool.gate_.fetch_sub(1) == 1 && pool.is_waited_for_.load()) wake(&pool.back_, &pool.mutex_);
  }
}

void ThreadPool::await_turn(Worker* worker, std::uint32_t seen) {
  const auto is_another = [this, seen] { return turn_.load() != seen; };
  if (spin(kWorkerSpins, is_another)) return;
  pthread_mutex_lock(&worker->mutex);
  worker->sleeps = true;
  while (!is_another()) pthread_cond_wait(&worker->wake, &worker->mutex);
  worker->sleeps = false;
  pthread_mutex_unlock(&worker->mutex);
}

}  // namespace corr2d
