#pragma once

#include <cstddef>
#include <cstdint>

namespace corr2d {

/// Allocates blocks in one contiguous range of memory that can grow at its end. Every block is
/// aligned to kBlockAlignment. Free neighbours are always merged, so a request fails only if no
/// contiguous piece of free memory, the part that the range can still grow by included, is large
/// enough.
///
/// Free blocks are in lists by size, four for each power of two. Allocating and freeing take
/// constant time, with one exception: if no larger block is free, the whole list of a request's own
/// size is searched before the range grows.
///
/// Not safe for use by several threads at a time.
class BlockAllocator {
 public:
  /// Makes the memory up to `end` usable. Returns false if that is impossible.
  using Extend = bool (*)(std::uintptr_t end);

  /// The range begins at `begin` and is empty.
  constexpr BlockAllocator(std::uintptr_t begin, Extend extend) : begin_(begin), extend_(extend) {}

  /// Returns a block of at least `bytes` bytes, or null if memory runs out.
  void* allocate(std::size_t bytes);

  /// Frees a block. It may be null.
  void release(void* memory);

  /// The number of bytes that fit into a block.
  static std::size_t capacity(const void* memory);

 private:
  /// The header of a block, which is followed by its bytes. The links exist only in free blocks.
  struct Block {
    /// The size of the preceding block, or 0 for the first block.
    std::size_t size_before;
    /// The size, header included: a multiple of 64, plus kFree if the block is free. The last block
    /// of the range has size 0 and is in use.
    std::size_t size;
    Block* next;
    Block* previous;
  };
  static constexpr std::size_t kFree = 1;
  static constexpr int kLists = 128;

  static Block* block_of(const void* memory);
  static Block* after(Block* block, std::size_t size);
  /// The list of the free blocks of a size: four lists for each power of two.
  static int list_of(std::size_t size);

  /// Returns a free block of at least `size` bytes, or null.
  Block* find(std::size_t size) const;
  /// Extends the range so that it ends with a free block of at least `size` bytes. Returns that
  /// block, or null.
  Block* grow(std::size_t size);
  /// Makes `size` bytes a free block and adds it to its list.
  void link(Block* block, std::size_t size);
  /// Removes a free block from its list.
  void unlink(Block* block);

  std::uintptr_t begin_;
  Extend extend_;
  /// The last block of the range; null before the first allocation.
  Block* end_ = nullptr;
  Block* lists_[kLists] = {};
  /// Bit i of word j is set if list 64·j + i is not empty.
  std::uint64_t used_[kLists / 64] = {};
};

/// The alignment of every block in bytes.
constexpr std::size_t kBlockAlignment = 64;

}  // namespace corr2d
