# The same sources for this machine, through SIMDe: what tests, sanitizers and debuggers run.

include(CheckCXXCompilerFlag)
include(CTest)

set(CORR2D_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined")
option(CORR2D_FUZZ "Build the fuzzer, which needs clang" OFF)
option(CORR2D_COVERAGE "Count which lines and branches run, which needs clang" OFF)

find_package(Threads REQUIRED)
target_link_libraries(corr2d PUBLIC Threads::Threads)

find_path(SIMDE_INCLUDE_DIR simde/wasm/simd128.h REQUIRED)
target_include_directories(corr2d_flags SYSTEM INTERFACE ${SIMDE_INCLUDE_DIR})

# Native builds run where they are built. With it SIMDe finds a fused multiply-add where there is
# one, so that the relaxed kernels are tested fused.
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
