// Exports the functions of cpp/abi/handles.inc to JavaScript. Declarations only.

#include <emscripten/bind.h>

#include <cstdint>
#include <type_traits>

#include "abi/handles.hpp"

namespace {

/// The types that cmake/embind-types.js supports: numbers, except the 64-bit integers.
template <typename T>
constexpr bool kIsNumber = std::is_arithmetic_v<T> && !std::is_same_v<T, std::int64_t> &&
                           !std::is_same_v<T, std::uint64_t>;

template <typename Result, typename... Parameters>
constexpr bool exchanges_numbers(Result (*)(Parameters...)) {
  return (std::is_void_v<Result> || kIsNumber<Result>)&&(kIsNumber<Parameters> && ...);
}

}  // namespace

#define CORR2D_EXPORT(exported, name)                       \
  static_assert(exchanges_numbers(&corr2d::handles::name)); \
  emscripten::function(#exported, &corr2d::handles::name);

EMSCRIPTEN_BINDINGS(corr2d) {
#define CORR2D_FUNCTION(exported, result, name, parameters) CORR2D_EXPORT(exported, name)
#if defined(CORR2D_THREADS)
#define CORR2D_THREAD_FUNCTION(exported, result, name, parameters) CORR2D_EXPORT(exported, name)
#endif
#include "abi/handles.inc"
}
