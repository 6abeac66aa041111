# Native build of the same sources through SIMDe, for tests, sanitizers and debuggers.

include(CheckCXXCompilerFlag)
include(CTest)

set(CORR2D_SANITIZE "" CACHE STRING "Comma-separated sanitizers, such as address,undefined")
option(CORR2D_FUZZ "Build the fuzzer (needs clang)" OFF)
option(CORR2D_COVERAGE "Count executed lines and branches (needs clang)" OFF)

find_package(Threads REQUIRED)
target_link_libraries(corr2d PUBLIC Threads::Threads)

find_path(SIMDE_INCLUDE_DIR simde/wasm/simd128.h REQUIRED)
target_include_directories(corr2d_flags SYSTEM INTERFACE ${SIMDE_INCLUDE_DIR})

# Native builds run on the machine that builds them. With this flag SIMDe uses the machine's fused
# multiply-add if there is one, so the tests of the relaxed kernels run fused code.
check_cxx_compiler_flag(-march=native CORR2D_MARCH_NATIVE)
if(CORR2D_MARCH_NATIVE)
  target_compile_options(corr2d_flags INTERFACE -march=native)
endif()

if(CORR2D_SANITIZE)
  target_compile_options(corr2d_flags INTERFACE
    -fsanitize=${CORR2D_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
  target_link_options(corr2d_flags INTERFACE -fsanitize=${CORR2D_SANITIZE})
endif()

if(CORR2D_FUZZ)
  target_compile_options(corr2d_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(CORR2D_COVERAGE)
  target_compile_options(corr2d_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(corr2d_flags INTERFACE -fprofile-instr-generate)
endif()

if(BUILD_TESTING)
  add_subdirectory(tests/sweep)
  add_subdirectory(tests/fuzz)
  add_subdirectory(tests/cpp)
endif()
