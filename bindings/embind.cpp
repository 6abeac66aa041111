// What JavaScript sees of the library. Declarations only: bindings/src/module.ts is their other
// side, cpp/include/corr2d/handles.hpp says what each does.

#include <emscripten/bind.h>

#include <cstddef>

#include "corr2d/handles.hpp"
#include "corr2d/memory.hpp"

namespace {

using corr2d::Algorithm;
using corr2d::Status;
using corr2d::handles::Request;
using emscripten::constant;
using emscripten::function;

// The place of a member of a Request, in words of 32 bits.
#define PLACE(member) \
  constant(#member, static_cast<std::int32_t>(offsetof(Request, member) / sizeof(std::int32_t)))

#define NUMBER(type, name) constant(#name, static_cast<std::int32_t>(type::name))

EMSCRIPTEN_BINDINGS(corr2d) {
  function("allocate", &corr2d::handles::allocate_bytes);
  function("release", &corr2d::handles::release_bytes);
  function("allocatedBytes", &corr2d::allocated_bytes);
  function("failAllocationAfter", &corr2d::fail_allocation_after);
  function("makeRequest", &corr2d::handles::make_request);
  function("measureRequest", &corr2d::handles::measure_request);
  function("runRequest", &corr2d::handles::run_request);
  function("drawNormal", &corr2d::handles::draw_normal);
  function("readImage", &corr2d::handles::read_image);
  function("writeImage", &corr2d::handles::write_image);

  PLACE(geometry.output_height);
  PLACE(geometry.output_width);
  PLACE(problem.input_channels);
  PLACE(problem.output_channels);
  PLACE(problem.input_height);
  PLACE(problem.input_width);
  PLACE(problem.kernel_height);
  PLACE(problem.kernel_width);
  PLACE(problem.algorithm);

  NUMBER(Status, kOk);
  NUMBER(Status, kBadSize);
  NUMBER(Status, kKernelTooLarge);
  NUMBER(Status, kTooLarge);
  NUMBER(Status, kUnsupported);
  NUMBER(Status, kOutOfMemory);

  NUMBER(Algorithm, kAuto);
  NUMBER(Algorithm, kDirect);
  NUMBER(Algorithm, kGemm);
}

}  // namespace
