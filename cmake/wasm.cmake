# The published module of the variant CORR2D_VARIANT: a .wasm file and its JavaScript glue.

set(variants simd relaxed threads relaxed-threads)
if(NOT CORR2D_VARIANT IN_LIST variants)
  message(FATAL_ERROR "CORR2D_VARIANT is '${CORR2D_VARIANT}'; expected one of ${variants}")
endif()
# Every engine with SIMD has the bulk memory instructions.
set(variant_flags -msimd128 -mbulk-memory)
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
  # Optimise for size: most of this code runs once per call. The folders with the hot loops have their
  # own flags below, where -O2 or another level turns vectorisation on again.
  -Oz
  -fno-vectorize
  -fno-slp-vectorize
  # Errors are status codes (status.hpp).
  -fno-exceptions)
target_link_options(corr2d_flags INTERFACE ${variant_flags} -O3 -fno-exceptions)
target_compile_options(corr2d_flags INTERFACE -fno-rtti)

# Compiles the library's sources in `folder`, including its subfolders, with the flags that follow. The
# last call that matches a file decides.
function(optimise_folder folder)
  get_target_property(sources corr2d SOURCES)
  list(FILTER sources INCLUDE REGEX "^${folder}/")
  set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "${ARGN}")
endfunction()
# The micro-kernels, in which nearly all time is spent.
optimise_folder(cpp/kernels -O3)
# -O3 would unroll this code, which makes it a quarter larger but no faster. Its long loops are written
# with vectors. The others handle at most three remaining elements; LLVM would vectorise and unroll
# them, which makes rows of up to 32 elements slower.
optimise_folder(cpp/kernels/rows -O2 -fno-vectorize -mllvm -unroll-runtime=0)
# Loops that copy and convert. -O2 would make this code a quarter larger.
optimise_folder(cpp/kernels/layout -Os)
# Loops that are already vectorised. -O2 would duplicate them for each of their options.
optimise_folder(cpp/kernels/matching -Oz)

# The library has an allocator of its own (cpp/core/block_allocator.hpp), which every program that links
# it uses.
target_sources(corr2d PRIVATE cpp/core/wasm_malloc.cpp)
target_link_options(corr2d INTERFACE -sMALLOC=none)

add_executable(corr2d_module bindings/embind_types.cpp bindings/embind.cpp)
# Without RTTI, Embind identifies types by address instead of by name.
target_compile_definitions(corr2d_module PRIVATE EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
set(embind_types ${CMAKE_CURRENT_LIST_DIR}/embind-types.js)
set(glue_pre_js ${CMAKE_CURRENT_LIST_DIR}/glue-pre.js)
set_target_properties(corr2d_module PROPERTIES OUTPUT_NAME corr2d SUFFIX .mjs
  LINK_DEPENDS "${embind_types};${glue_pre_js}")
target_include_directories(corr2d_module PRIVATE cpp)
# Embind's library follows the objects, so that the linker prefers the functions of embind_types.cpp.
target_link_libraries(corr2d_module PRIVATE corr2d -lembind --js-library=${embind_types})
target_link_options(corr2d_module PRIVATE
  --pre-js=${glue_pre_js}
  --no-entry
  -sMODULARIZE=1
  -sEXPORT_ES6=1
  -sUSE_ES6_IMPORT_META=0
  # The package passes the compiled module, so the glue needs no file path, and the memory that the
  # threads share.
  -sINCOMING_MODULE_JS_API=${incoming_api}
  # No `new Function`, so pages need no 'unsafe-eval' in their Content-Security-Policy.
  -sDYNAMIC_EXECUTION=0
  # With `node` the glue would import node:module, which makes browser bundlers fail. This glue also
  # runs in Node.
  -sENVIRONMENT=web,worker
  -sFILESYSTEM=0
  # load() requires these versions, so the glue needs no code for older ones.
  -sMIN_CHROME_VERSION=91
  -sMIN_FIREFOX_VERSION=113
  -sMIN_SAFARI_VERSION=160400
  -sPOLYFILL=0
  # Worklets have no TextDecoder.
  -sTEXTDECODER=0
  -sALLOW_MEMORY_GROWTH=1
  -sINITIAL_MEMORY=1MB
  -sMAXIMUM_MEMORY=4GB
  -sSTACK_SIZE=64KB
  # Tests find the functions of hot loops by their names.
  --emit-symbol-map
  # The build sorts the functions by name (tools/build/binary.mjs).
  --profiling-funcs)

if(CORR2D_VARIANT MATCHES "threads")
  # The package starts the workers: it knows the path of their file, in a page and in Node, and
  # handles workers that fail to start.
  set(threads_pre_js ${CMAKE_CURRENT_LIST_DIR}/threads-pre.js)
  set_property(TARGET corr2d_module APPEND PROPERTY LINK_DEPENDS ${threads_pre_js})
  target_link_options(corr2d_module PRIVATE
    --pre-js=${threads_pre_js}
    -sDEFAULT_PTHREAD_STACK_SIZE=64KB
    # The warning says that JavaScript is slow because the glue recreates its views after every
    # growth. That does not matter here: the hot code is WebAssembly, and the package has its own views.
    -Wno-pthreads-mem-growth)
endif()

# bindings/src/runtime/abi.generated.ts: offsets, enumerators and signatures for TypeScript. They are
# the same in all variants; Node 20, which runs the program, has no relaxed SIMD.
if(CORR2D_VARIANT STREQUAL "simd")
  add_executable(corr2d_typescript bindings/typescript.cpp)
  target_include_directories(corr2d_typescript PRIVATE cpp cpp/include)
  target_link_libraries(corr2d_typescript PRIVATE corr2d_flags)
  target_link_options(corr2d_typescript PRIVATE -O1 -sENVIRONMENT=node -sMALLOC=emmalloc)
  # package.json makes .js files ES modules; Emscripten writes a CommonJS module.
  set_target_properties(corr2d_typescript PROPERTIES SUFFIX .cjs)
  set(generated ${PROJECT_SOURCE_DIR}/bindings/src/runtime/abi.generated.ts)
  add_custom_command(OUTPUT ${generated}
    COMMAND corr2d_typescript > ${generated}
    DEPENDS corr2d_typescript
    VERBATIM)
  add_custom_target(corr2d_typescript_module ALL DEPENDS ${generated})
endif()

# Programs for `npm test` and `npm run calibrate`; the package does not need them.
add_subdirectory(tests/sweep EXCLUDE_FROM_ALL)
add_subdirectory(tools/calibrate EXCLUDE_FROM_ALL)
