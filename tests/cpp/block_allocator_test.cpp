#include "core/block_allocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <random>
#include <vector>

namespace corr2d {
namespace {

constexpr std::size_t kArenaBytes = std::size_t{1} << 24;
/// More than the headers and the alignment of a single block.
constexpr std::size_t kOverhead = 3 * kBlockAlignment;

/// The allocators of all tests share this memory, because `extend` is a plain function.
alignas(4096) unsigned char arena[kArenaBytes];
/// The largest end that was requested successfully.
std::uintptr_t extended_to = 0;

std::uintptr_t begin() { return reinterpret_cast<std::uintptr_t>(arena); }

bool extend(std::uintptr_t end) {
  if (end > begin() + kArenaBytes) return false;
  extended_to = std::max(extended_to, end);
  return true;
}

class BlockAllocatorTest : public testing::Test {
 protected:
  BlockAllocatorTest() { extended_to = 0; }

  BlockAllocator allocator{begin() + 12, extend};
};

TEST_F(BlockAllocatorTest, AlignsBlocksOfEverySize) {
  for (std::size_t bytes = 0; bytes < 1000; ++bytes) {
    void* block = allocator.allocate(bytes);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % kBlockAlignment, 0u);
    EXPECT_GE(BlockAllocator::capacity(block), bytes);
    std::memset(block, 0xff, bytes);
  }
}

TEST_F(BlockAllocatorTest, ReusesAFreedBlockOfTheSameSize) {
  void* first = allocator.allocate(100000);
  void* guard = allocator.allocate(1);
  const std::uintptr_t end = extended_to;
  for (int i = 0; i < 100; ++i) {
    allocator.release(first);
    EXPECT_EQ(allocator.allocate(100000), first);
  }
  EXPECT_EQ(extended_to, end);
  EXPECT_NE(guard, nullptr);
}

TEST_F(BlockAllocatorTest, RefusesRequestsThatNoMemoryCanFulfil) {
  void* block = allocator.allocate(100);
  for (std::size_t bytes = SIZE_MAX; bytes > SIZE_MAX - 1000; --bytes) {
    EXPECT_EQ(allocator.allocate(bytes), nullptr);
  }
  EXPECT_EQ(allocator.allocate(SIZE_MAX / 2), nullptr);
  EXPECT_EQ(allocator.allocate(kArenaBytes), nullptr);
  allocator.release(block);
  allocator.release(nullptr);
  EXPECT_NE(allocator.allocate(kArenaBytes - kOverhead), nullptr);
}

TEST_F(BlockAllocatorTest, GrowsAFreeBlockAtTheEndByWhatIsMissing) {
  void* block = allocator.allocate(kArenaBytes / 2);
  allocator.release(block);
  EXPECT_EQ(allocator.allocate(kArenaBytes - kOverhead), block);
}

TEST_F(BlockAllocatorTest, RefusesEveryRequestUntilTheFirstExtensionSucceeds) {
  BlockAllocator empty{begin() + kArenaBytes, extend};
  EXPECT_EQ(empty.allocate(1), nullptr);
  EXPECT_EQ(empty.allocate(0), nullptr);
}

TEST_F(BlockAllocatorTest, FindsTheOnlyBlockThatFitsAmongMany) {
  // All sizes are in one list, and the only block that fits is at its end.
  constexpr std::size_t kSmall = 9 * 4096;
  constexpr std::size_t kLarge = kSmall + 1024;
  void* large = allocator.allocate(kLarge);
  allocator.allocate(0);
  std::vector<void*> small;
  for (void* block = allocator.allocate(kSmall); block; block = allocator.allocate(kSmall)) {
    small.push_back(block);
    allocator.allocate(0);
  }
  ASSERT_GT(small.size(), 300u);
  while (allocator.allocate(0) != nullptr) {
  }
  allocator.release(large);
  for (void* block : small) allocator.release(block);
  EXPECT_EQ(allocator.allocate(kLarge), large);
  EXPECT_EQ(allocator.allocate(kLarge), nullptr);
}

TEST_F(BlockAllocatorTest, AFullRangeIsUsableAgainWhateverTheSize) {
  for (std::size_t bytes = 1; bytes < kArenaBytes - kOverhead; bytes = bytes * 3 + 1) {
    std::vector<void*> blocks;
    for (void* block = allocator.allocate(bytes); block; block = allocator.allocate(bytes)) {
      blocks.push_back(block);
    }
    // Odd blocks first, so that each even one is merged with two free neighbours.
    for (std::size_t i = 1; i < blocks.size(); i += 2) allocator.release(blocks[i]);
    for (std::size_t i = 0; i < blocks.size(); i += 2) allocator.release(blocks[i]);
    void* all = allocator.allocate(kArenaBytes - kOverhead);
    EXPECT_NE(all, nullptr) << "after blocks of " << bytes << " bytes";
    allocator.release(all);
  }
}

/// The blocks in use, by address, and what is known of the gaps between them.
class Model {
 public:
  void add(void* block, std::size_t bytes) {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    const auto [entry, is_new] = used_.emplace(address, bytes);
    ASSERT_TRUE(is_new);
    if (const auto next = std::next(entry); next != used_.end()) {
      EXPECT_LE(address + bytes, next->first);
    }
    if (entry != used_.begin()) {
      const auto& [before, size] = *std::prev(entry);
      EXPECT_LE(before + size, address);
    }
    EXPECT_GE(address, begin());
    EXPECT_LE(address + bytes, begin() + kArenaBytes);
  }

  void remove(void* block) { used_.erase(reinterpret_cast<std::uintptr_t>(block)); }

  /// The bytes of the largest gap.
  std::size_t largest_gap() const {
    std::uintptr_t end = begin() + kBlockAlignment;
    std::size_t largest = 0;
    for (const auto& [address, bytes] : used_) {
      if (address > end) largest = std::max(largest, address - end);
      end = address + bytes;
    }
    return std::max(largest, begin() + kArenaBytes - end);
  }

 private:
  std::map<std::uintptr_t, std::size_t> used_;
};

TEST_F(BlockAllocatorTest, RandomRequestsFailOnlyIfNoGapIsLargeEnough) {
  struct Held {
    void* block;
    std::size_t bytes;
    unsigned char value;
  };
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  int failures = 0;
  for (int round = 0; round < 20; ++round) {
    Model model;
    std::vector<Held> held;
    const std::size_t limit = std::size_t{1} << (6 + round % 18);
    // More is allocated than freed, then more freed than allocated.
    for (int step = 0; step < 4000; ++step) {
      const bool allocates = below(10) < (step < 2500 ? 7 : 3);
      if (allocates) {
        const std::size_t bytes = below(4) == 0 ? below(limit) : limit / (1 + below(5));
        void* block = allocator.allocate(bytes);
        if (block == nullptr) {
          ++failures;
          ASSERT_LT(model.largest_gap(), bytes + kOverhead);
          continue;
        }
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % kBlockAlignment, 0u);
        model.add(block, bytes);
        held.push_back({block, bytes, static_cast<unsigned char>(step)});
        std::memset(block, held.back().value, bytes);
      } else if (!held.empty()) {
        std::swap(held[below(held.size())], held.back());
        const auto [block, bytes, value] = held.back();
        held.pop_back();
        const auto* data = static_cast<const unsigned char*>(block);
        for (std::size_t i = 0; i < bytes; i += 61) ASSERT_EQ(data[i], value);
        model.remove(block);
        allocator.release(block);
      }
    }
    for (const Held& one : held) allocator.release(one.block);
    void* all = allocator.allocate(kArenaBytes - kOverhead);
    ASSERT_NE(all, nullptr) << "round " << round;
    allocator.release(all);
  }
  EXPECT_GT(failures, 100);
}

}  // namespace
}  // namespace corr2d
