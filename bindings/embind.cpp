// Exports the functions of cpp/abi/handles.inc to JavaScript. Declarations only.

#include <emscripten/bind.h>

#include "abi/handles.hpp"

#define CORR2D_EXPORT(exported, name) emscripten::function(#exported, &corr2d::handles::name);

EMSCRIPTEN_BINDINGS(corr2d) {
#define CORR2D_FUNCTION(exported, result, name, parameters) CORR2D_EXPORT(exported, name)
#if defined(CORR2D_THREADS)
#define CORR2D_THREAD_FUNCTION(exported, result, name, parameters) CORR2D_EXPORT(exported, name)
#endif
#include "abi/handles.inc"
}
