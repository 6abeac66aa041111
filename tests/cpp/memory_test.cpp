#include "corr2d/memory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace corr2d {
namespace {

TEST(Memory, AllocateAlignsBlocksAndCountsTheirBytes) {
  const std::size_t before = allocated_bytes();
  void* block = allocate(1000);
  ASSERT_NE(block, nullptr);
  std::memset(block, 0xff, 1000);
  EXPECT_EQ(allocated_bytes(), before + 1000);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % kAlignment, 0u);
  release(block, 1000);
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Memory, AllocateReturnsDistinctPointersForZeroBytes) {
  void* first = allocate(0);
  void* second = allocate(0);
  ASSERT_NE(first, nullptr);
  EXPECT_NE(first, second);
  release(first, 0);
  release(second, 0);
}

TEST(Memory, FailAllocationAfterFailsOneAllocation) {
  fail_allocation_after(1);
  void* first = allocate(8);
  void* second = allocate(8);
  void* third = allocate(8);
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(second, nullptr);
  EXPECT_NE(third, nullptr);
  release(first, 8);
  release(second, 8);
  release(third, 8);
}

TEST(Memory, AllocateReturnsNullForImpossibleSizes) {
  const std::size_t before = allocated_bytes();
  EXPECT_EQ(allocate(SIZE_MAX / 2), nullptr);
  Buffer<double> buffer;
  EXPECT_FALSE(buffer.reset(SIZE_MAX / 4));
  EXPECT_FALSE(buffer.reset(SIZE_MAX / sizeof(double) + 2)) << "the size in bytes overflows to 8";
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Memory, BufferReleasesItsMemoryAndCanBeMoved) {
  const std::size_t before = allocated_bytes();
  {
    Buffer<float> buffer;
    ASSERT_TRUE(buffer.reset(10));
    ASSERT_TRUE(buffer.reset(20));
    EXPECT_EQ(allocated_bytes(), before + 20 * sizeof(float));
    Buffer<float> other(std::move(buffer));
    EXPECT_EQ(other.size(), 20u);
    EXPECT_EQ(buffer.data(), nullptr);
    buffer = std::move(other);
    EXPECT_EQ(buffer.bytes(), 80u);
  }
  EXPECT_EQ(allocated_bytes(), before);
}

}  // namespace
}  // namespace corr2d
