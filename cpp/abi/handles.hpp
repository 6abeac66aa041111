#pragma once

#include <cstdint>

#include "corr2d/plan.hpp"

/// The library as a foreign language sees it: numbers in, numbers out. Memory is an `Address`, and
/// a problem is filled in word by word, at the offsets that the binding tells.
namespace corr2d::handles {

using Address = std::uintptr_t;

/// What a plan tells about itself.
struct PlanFacts {
  double weight_bytes, workspace_bytes;
  std::int32_t algorithm, tasks;
};

/// A problem to be filled in, and what was found about it.
struct Request : Allocated {
  Geometry geometry;
  PlanFacts plan;
  std::int32_t status;  // of the last make_plan
  /// With kUnsupported: why, as the end of a sentence of ASCII that ends with 0.
  const char* refusal;
  Problem problem;
};

/// 0 where memory runs out.
Address allocate_bytes(std::uint32_t bytes);
void release_bytes(Address memory, std::uint32_t bytes);

/// A Request that holds the defaults; it stays for the life of the program. 0 where memory runs
/// out.
Address make_request();

/// `measure` on the request's problem. Answers a Status.
std::int32_t measure_request(Address request);

/// Computes the request's problem at once: a plan made, run and dropped. `bias` is 0 where the
/// problem has none. Answers a Status.
std::int32_t run_request(Address request, Address input, Address weight, Address bias,
                         Address output);

/// Makes a plan of the request's problem, for as many threads as there are, and fills in the
/// request's `plan`. 0 where there is none; the request's `status` says why.
Address make_plan(Address request, Address weight, Address bias);
/// Runs `count` tasks of a plan from `first` on. Answers a Status.
std::int32_t run_plan(Address plan, Address input, Address output, std::int32_t first,
                      std::int32_t count);
void free_plan(Address plan);

/// `activate` on `count` elements in one row.
void activate_elements(Address data, std::int32_t count, std::int32_t activation, float alpha);

/// `fill_normal` with the seed in two halves.
void draw_normal(Address out, std::int32_t count, double mean, double deviation,
                 std::uint32_t seed_low, std::uint32_t seed_high);

void read_image(Address rgba, std::int32_t pixels, std::int32_t channels, float scale,
                Address planes);
void write_image(Address planes, std::int32_t pixels, std::int32_t channels, float low, float high,
                 Address rgba);

#if defined(CORR2D_THREADS)
/// Makes the pool (pool.hpp) by which everything runs that is planned from now on; once, for the
/// life of the program. Answers a Status.
std::int32_t start_threads(std::int32_t threads, std::int32_t timeout_ms);
/// How many threads are there by now.
std::int32_t started_threads();
std::int32_t tasks_of_thread(std::int32_t thread);
/// For tests: see ThreadPool.
void lose_worker_after(std::int32_t tasks);
#endif

}  // namespace corr2d::handles
