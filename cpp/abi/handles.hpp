#pragma once

#include <cstdint>

#include "corr2d/plan.hpp"

/// The library for callers in another language: functions that take and return only numbers. Memory
/// is passed as an `Address`. The caller writes a problem into a Request member by member, with the
/// code that bindings/typescript.cpp generates. handles.inc lists and documents the functions and
/// members.
namespace corr2d::handles {

/// A pointer as a number; 0 means null.
using Address = std::uintptr_t;

/// The properties of a plan that callers read.
struct PlanFacts {
#define CORR2D_PLAN_FIELD(type, name) type name;
#include "abi/handles.inc"
};

/// A problem to compute, and the results of measuring and planning it.
struct Request : Allocated {
#define CORR2D_REQUEST_FIELD(type, name) type name;
#include "abi/handles.inc"
};

#define CORR2D_FUNCTION(exported, result, name, parameters) result name parameters;
#if defined(CORR2D_THREADS)
#define CORR2D_THREAD_FUNCTION(exported, result, name, parameters) result name parameters;
#endif
#include "abi/handles.inc"

}  // namespace corr2d::handles
