// What JavaScript sees of the library. Declarations only: bindings/src/runtime/abi.ts is their
// other side, cpp/abi/handles.hpp says what each does.

#include <emscripten/bind.h>

#include <cstddef>

#include "abi/handles.hpp"
#include "corr2d/memory.hpp"

namespace {

using corr2d::handles::Request;
using emscripten::constant;
using emscripten::function;

// The place of a member of a Request, in words of 32 bits.
#define PLACE(member) \
  constant(#member, static_cast<std::int32_t>(offsetof(Request, member) / sizeof(std::int32_t)))

EMSCRIPTEN_BINDINGS(corr2d) {
  function("allocate", &corr2d::handles::allocate_bytes);
  function("release", &corr2d::handles::release_bytes);
  function("allocatedBytes", &corr2d::allocated_bytes);
  function("failAllocationAfter", &corr2d::fail_allocation_after);
  function("makeRequest", &corr2d::handles::make_request);
  function("measureRequest", &corr2d::handles::measure_request);
  function("runRequest", &corr2d::handles::run_request);
  function("makePlan", &corr2d::handles::make_plan);
  function("runPlan", &corr2d::handles::run_plan);
  function("freePlan", &corr2d::handles::free_plan);
  function("activateElements", &corr2d::handles::activate_elements);
  function("drawNormal", &corr2d::handles::draw_normal);
  function("readImage", &corr2d::handles::read_image);
  function("writeImage", &corr2d::handles::write_image);
#if defined(CORR2D_THREADS)
  function("startThreads", &corr2d::handles::start_threads);
  function("startedThreads", &corr2d::handles::started_threads);
  function("tasksOfThread", &corr2d::handles::tasks_of_thread);
  function("loseWorkerAfter", &corr2d::handles::lose_worker_after);
#endif

  PLACE(geometry.macs);
  PLACE(geometry.output_height);
  PLACE(geometry.output_width);
  PLACE(plan.weight_bytes);
  PLACE(plan.workspace_bytes);
  PLACE(plan.algorithm);
  PLACE(plan.tasks);
  PLACE(status);
  PLACE(refusal);
  PLACE(problem);
  constant("problemWords",
           static_cast<std::int32_t>(sizeof(corr2d::Problem) / sizeof(std::int32_t)));
}

}  // namespace
