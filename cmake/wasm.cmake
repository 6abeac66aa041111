# The shipped module: one .wasm and its JavaScript glue for the variant CORR2D_VARIANT.

set(variant_flags -msimd128)
if(CORR2D_VARIANT STREQUAL "relaxed")
  list(APPEND variant_flags -mrelaxed-simd)
elseif(NOT CORR2D_VARIANT STREQUAL "simd")
  message(FATAL_ERROR "CORR2D_VARIANT must be simd or relaxed, not '${CORR2D_VARIANT}'")
endif()

target_compile_options(corr2d_flags INTERFACE
  ${variant_flags}
  # Small, but for the loops that the time is spent in.
  -Oz
  # Failure is a value (status.hpp), so that no exceptions are needed.
  -fno-exceptions)
target_link_options(corr2d_flags INTERFACE ${variant_flags} -O3 -fno-exceptions)
# Type information is for the binding alone: without it Embind prints its type names by printf,
# which takes more room than all kernels.
target_compile_options(corr2d PRIVATE -fno-rtti)
set_source_files_properties(
  cpp/kernels/activation.cpp cpp/kernels/pixels.cpp cpp/kernels/list.cpp cpp/kernels/panels.cpp
  cpp/kernels/plane.cpp cpp/kernels/row.cpp cpp/kernels/rows.cpp
  PROPERTIES COMPILE_OPTIONS -O3)

add_executable(corr2d_module bindings/embind.cpp)
set_target_properties(corr2d_module PROPERTIES OUTPUT_NAME corr2d SUFFIX .mjs)
target_link_libraries(corr2d_module PRIVATE corr2d)
target_link_options(corr2d_module PRIVATE
  -lembind
  --no-entry
  -sMODULARIZE=1
  -sEXPORT_ES6=1
  -sUSE_ES6_IMPORT_META=0
  # The package hands in the compiled module, so that the glue needs no path of its own.
  -sINCOMING_MODULE_JS_API=instantiateWasm
  # No `new Function`: pages need no 'unsafe-eval' in their Content-Security-Policy.
  -sDYNAMIC_EXECUTION=0
  # With `node` the glue would import node:module, on which bundlers for browsers fail. Node runs
  # this glue as well.
  -sENVIRONMENT=web,worker
  -sFILESYSTEM=0
  # What load() demands anyway: no code for what came before.
  -sMIN_CHROME_VERSION=91
  -sMIN_FIREFOX_VERSION=113
  -sMIN_SAFARI_VERSION=160400
  -sPOLYFILL=0
  # No strings cross, so that nobody minds how they would.
  -sEMBIND_STD_STRING_IS_UTF8=0
  # Strings cross in one direction only, names while loading; TextDecoder is everywhere.
  -sTEXTDECODER=2
  -sMALLOC=emmalloc
  # Out of memory is the allocator's answer to give, not a reason to abort.
  -sABORTING_MALLOC=0
  -sALLOW_MEMORY_GROWTH=1
  -sINITIAL_MEMORY=1MB
  -sMAXIMUM_MEMORY=4GB
  -sSTACK_SIZE=64KB
  # Tests look up by name which function holds which loop.
  --emit-symbol-map)

# Only where it is asked for: packages are built without it.
add_subdirectory(tests/sweep EXCLUDE_FROM_ALL)
