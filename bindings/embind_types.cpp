// Registers the types of the exported functions. This file takes the place of Emscripten's
// libembind, which registers every C++ type that Embind supports, and links RTTI to name them.

#include <emscripten/bind.h>

#include <cstdint>
#include <limits>

using namespace emscripten::internal;

namespace {

template <typename T>
void register_integer(const char* name) {
  using Limits = std::numeric_limits<T>;
  _embind_register_integer(TypeID<T>::get(), name, sizeof(T), Limits::min(), Limits::max());
}

// A list in the order of registration: types come before the functions that use them.
InitFunc* first = nullptr;
InitFunc** end = &first;

}  // namespace

// The functions of libembind that <emscripten/bind.h> and the glue call.
extern "C" {

void _embind_register_bindings(InitFunc* registration) {
  *end = registration;
  end = &registration->next;
}

/// Repeats all registrations. Each new thread calls it, because it has its own JavaScript scope.
void _embind_initialize_bindings() {
  for (InitFunc* each = first; each; each = each->next) each->init_func();
}

/// Types have no names without RTTI.
const char* __getTypeName(const std::type_info*) { return nullptr; }
}

EMSCRIPTEN_BINDINGS(types) {
  register_integer<std::uint32_t>("unsigned int");
  register_integer<std::uintptr_t>("unsigned long");
}
