# The shipped module: one .wasm and its JavaScript glue for the variant CORR2D_VARIANT.

set(variants simd relaxed threads relaxed-threads)
if(NOT CORR2D_VARIANT IN_LIST variants)
  message(FATAL_ERROR "CORR2D_VARIANT must be one of ${variants}, not '${CORR2D_VARIANT}'")
endif()
set(variant_flags -msimd128)
if(CORR2D_VARIANT MATCHES "relaxed")
  list(APPEND variant_flags -mrelaxed-simd)
endif()
set(incoming_api instantiateWasm)
if(CORR2D_VARIANT MATCHES "threads")
  list(APPEND variant_flags -pthread)
  set(incoming_api instantiateWasm,wasmMemory)
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
  cpp/kernels/fft/fft.cpp cpp/kernels/list.cpp
  PROPERTIES COMPILE_OPTIONS -O3)
# Unrolling gains nothing here.
set_source_files_properties(
  cpp/kernels/rows/activation.cpp cpp/kernels/rows/padded_row.cpp
  PROPERTIES COMPILE_OPTIONS -O2)
set_source_files_properties(
  cpp/kernels/gemm/panels.cpp cpp/kernels/image/rgba.cpp cpp/kernels/depthwise/tile.cpp cpp/kernels/rows/row_ops.cpp
  PROPERTIES COMPILE_OPTIONS -Os)

add_executable(corr2d_module bindings/embind.cpp)
set(embind_types ${CMAKE_CURRENT_LIST_DIR}/embind-types.js)
set_target_properties(corr2d_module PROPERTIES OUTPUT_NAME corr2d SUFFIX .mjs
  LINK_DEPENDS ${embind_types})
target_link_libraries(corr2d_module PRIVATE corr2d)
target_link_options(corr2d_module PRIVATE
  -lembind
  --js-library=${embind_types}
  --no-entry
  -sMODULARIZE=1
  -sEXPORT_ES6=1
  -sUSE_ES6_IMPORT_META=0
  # The package hands in the compiled module, so that the glue needs no path of its own, and the
  # memory that threads share.
  -sINCOMING_MODULE_JS_API=${incoming_api}
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

if(CORR2D_VARIANT MATCHES "threads")
  # Workers are started by the package: it knows where their file is, in a page and in Node, and what
  # to do where one does not start.
  set(pre_js ${CMAKE_CURRENT_LIST_DIR}/threads-pre.js)
  set_property(TARGET corr2d_module APPEND PROPERTY LINK_DEPENDS ${pre_js})
  target_link_options(corr2d_module PRIVATE
    --pre-js=${pre_js}
    -sDEFAULT_PTHREAD_STACK_SIZE=64KB
    # The glue makes its views anew after each growth. It is not in the way: all that is fast is in
    # WebAssembly, and the package has views of its own.
    -Wno-pthreads-mem-growth)
endif()

# Only where they are asked for: packages are built without them.
add_subdirectory(tests/sweep EXCLUDE_FROM_ALL)
add_subdirectory(tools/calibrate EXCLUDE_FROM_ALL)
