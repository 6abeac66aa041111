#include "abi/handles.hpp"

#include "corr2d/image.hpp"
#include "corr2d/memory.hpp"
#include "corr2d/random.hpp"

#if defined(CORR2D_THREADS)
#include "corr2d/thread_pool.hpp"
#endif

namespace corr2d::handles {
namespace {

template <typename T>
T* pointer(Address address) {
  return reinterpret_cast<T*>(address);
}

Address address_of(const void* memory) { return reinterpret_cast<Address>(memory); }

Inputs inputs_at(Address first, Address second, Address third) {
  return {pointer<void>(first), pointer<void>(second), pointer<void>(third)};
}

std::int32_t number(Status status) { return static_cast<std::int32_t>(status); }

#if defined(CORR2D_THREADS)
/// Null until start_threads.
ThreadPool* pool = nullptr;

/// The tasks of the current run. Static, because a worker that missed the timeout may still use
/// them.
PlanTasks plan_tasks;

std::int32_t thread_count() { return pool == nullptr ? 1 : pool->threads(); }
#else
constexpr std::int32_t thread_count() { return 1; }
#endif

Status run_tasks(const Plan& plan, const Inputs& inputs, void* output, std::int32_t first,
                 std::int32_t count) {
#if defined(CORR2D_THREADS)
  if (pool != nullptr) {
    plan_tasks = PlanTasks(plan, inputs, output);
    return pool->run(plan_tasks, first, count);
  }
#endif
  plan.run(inputs, output, first, count);
  return Status::kOk;
}

/// Creates a plan of the request's problem and writes the request's `status` and `refusal`. Returns
/// null on failure.
std::unique_ptr<Plan> create_plan(Request* request, Address weight, Address bias, Use use) {
  std::unique_ptr<Plan> plan;
  const Status status = Plan::create(request->problem, pointer<float>(weight), pointer<float>(bias),
                                     thread_count(), &plan, use);
  request->status = status;
  if (status == Status::kUnsupported) request->refusal = refusal_of(request->problem);
  return plan;
}

}  // namespace

Address allocate_bytes(std::uint32_t bytes) { return address_of(allocate(bytes)); }

void release_bytes(Address memory, std::uint32_t bytes) { release(pointer<void>(memory), bytes); }

std::uint32_t allocated_bytes() { return static_cast<std::uint32_t>(corr2d::allocated_bytes()); }

void fail_allocation_after(std::int32_t successes) { corr2d::fail_allocation_after(successes); }

Address make_request() { return address_of(new Request); }

std::int32_t measure_request(Address address) {
  auto* request = pointer<Request>(address);
  return number(measure(request->problem, &request->geometry));
}

std::int32_t run_request(Address address, Address input, Address second, Address third,
                         Address weight, Address bias, Address output) {
  auto* request = pointer<Request>(address);
  const std::unique_ptr<Plan> plan = create_plan(request, weight, bias, Use::kOnce);
  if (plan == nullptr) return number(request->status);
  return number(
      run_tasks(*plan, inputs_at(input, second, third), pointer<void>(output), 0, plan->tasks()));
}

Address make_plan(Address address, Address weight, Address bias) {
  auto* request = pointer<Request>(address);
  std::unique_ptr<Plan> plan = create_plan(request, weight, bias, Use::kOften);
  if (plan == nullptr) return 0;
  request->plan.weight_bytes = static_cast<double>(plan->weight_bytes());
  request->plan.workspace_bytes = static_cast<double>(plan->workspace_bytes());
  request->plan.algorithm = plan->algorithm();
  request->plan.tasks = plan->tasks();
  return address_of(plan.release());
}

std::int32_t run_plan(Address plan, Address input, Address second, Address third, Address output,
                      std::int32_t first, std::int32_t count) {
  return number(run_tasks(*pointer<Plan>(plan), inputs_at(input, second, third),
                          pointer<void>(output), first, count));
}

void free_plan(Address plan) { delete pointer<Plan>(plan); }

void draw_normal(Address out, std::int32_t count, double mean, double deviation,
                 std::uint32_t seed_low, std::uint32_t seed_high) {
  const std::uint64_t seed = (std::uint64_t{seed_high} << 32) | seed_low;
  fill_normal(pointer<float>(out), count, mean, deviation, seed);
}

void read_image(Address rgba, std::int32_t pixels, std::int32_t channels, float scale,
                Address planes) {
  rgba_to_planes(pointer<std::uint8_t>(rgba), pixels, channels, scale, pointer<float>(planes));
}

void write_image(Address planes, std::int32_t pixels, std::int32_t channels, float low, float high,
                 Address rgba) {
  planes_to_rgba(pointer<float>(planes), pixels, channels, low, high, pointer<std::uint8_t>(rgba));
}

#if defined(CORR2D_THREADS)

std::int32_t start_threads(std::int32_t threads, std::int32_t timeout_ms) {
  std::unique_ptr<ThreadPool> made;
  const Status status = ThreadPool::create(threads, timeout_ms, &made);
  if (status == Status::kOk) pool = made.release();
  return number(status);
}

std::int32_t started_threads() { return pool->started(); }

std::int32_t tasks_of_thread(std::int32_t thread) { return pool->tasks_of(thread); }

void simulate_worker_loss_after(std::int32_t tasks) { pool->simulate_worker_loss_after(tasks); }

#endif

}  // namespace corr2d::handles
