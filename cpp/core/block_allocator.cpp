#include "core/block_allocator.hpp"

#include <bit>
#include <utility>

namespace corr2d {
namespace {

constexpr std::size_t kHeader = 2 * sizeof(std::size_t);

/// The number of blocks of a request's own list that are examined before a larger block is split.
constexpr int kAttempts = 16;

constexpr std::uintptr_t round_up(std::uintptr_t value) {
  return (value + kBlockAlignment - 1) & ~(kBlockAlignment - 1);
}

}  // namespace

BlockAllocator::Block* BlockAllocator::block_of(const void* memory) {
  return reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(memory) - kHeader);
}

BlockAllocator::Block* BlockAllocator::after(Block* block, std::size_t size) {
  return reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(block) + size);
}

int BlockAllocator::list_of(std::size_t size) {
  const std::size_t units = size / kBlockAlignment;
  if (units < 4) return static_cast<int>(units);
  const int shift = static_cast<int>(std::bit_width(units)) - 3;
  const int list = 4 * shift + static_cast<int>(units >> shift);
  return list < kLists ? list : kLists - 1;
}

void BlockAllocator::link(Block* block, std::size_t size) {
  const int list = list_of(size);
  block->size = size | kFree;
  after(block, size)->size_before = size;
  block->previous = nullptr;
  block->next = std::exchange(lists_[list], block);
  if (block->next != nullptr) block->next->previous = block;
  used_[list / 64] |= std::uint64_t{1} << (list % 64);
}

void BlockAllocator::unlink(Block* block) {
  if (block->next != nullptr) block->next->previous = block->previous;
  if (block->previous != nullptr) {
    block->previous->next = block->next;
    return;
  }
  const int list = list_of(block->size);
  lists_[list] = block->next;
  if (block->next == nullptr) used_[list / 64] &= ~(std::uint64_t{1} << (list % 64));
}

BlockAllocator::Block* BlockAllocator::find(std::size_t size) const {
  const int own = list_of(size);
  Block* block = lists_[own];
  for (int i = 0; i < kAttempts && block != nullptr; ++i, block = block->next) {
    if (block->size >= size) return block;
  }
  // Every block of a later list is larger.
  for (int list = own + 1; list < kLists; list = (list / 64 + 1) * 64) {
    const std::uint64_t left = used_[list / 64] >> (list % 64);
    if (left != 0) return lists_[list + std::countr_zero(left)];
  }
  while (block != nullptr && block->size < size) block = block->next;
  return block;
}

BlockAllocator::Block* BlockAllocator::grow(std::size_t size) {
  if (end_ == nullptr) {
    // The bytes of a block, not its header, are aligned.
    const std::uintptr_t first = round_up(begin_ + kHeader) - kHeader;
    if (!extend_(first + kBlockAlignment)) return nullptr;
    end_ = reinterpret_cast<Block*>(first);
    end_->size_before = 0;
    end_->size = 0;
  }
  Block* last =
      reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(end_) - end_->size_before);
  const bool joins = end_->size_before != 0 && (last->size & kFree) != 0;
  const std::size_t old_size = joins ? end_->size_before : 0;
  const std::uintptr_t place = reinterpret_cast<std::uintptr_t>(end_);
  const std::size_t increase = size - old_size;
  if (increase > UINTPTR_MAX - kBlockAlignment - place) return nullptr;
  if (!extend_(place + increase + kBlockAlignment)) return nullptr;
  if (joins)
    unlink(last);
  else
    last = end_;
  end_ = after(end_, increase);
  end_->size = 0;
  link(last, old_size + increase);
  return last;
}

void* BlockAllocator::allocate(std::size_t bytes) {
  if (bytes > SIZE_MAX - kHeader - kBlockAlignment) return nullptr;
  const std::size_t size = round_up(bytes + kHeader);
  Block* block = find(size);
  if (block == nullptr) block = grow(size);
  if (block == nullptr) return nullptr;
  unlink(block);
  const std::size_t rest = block->size - kFree - size;
  block->size = size;
  Block* next = after(block, size);
  next->size_before = size;
  if (rest != 0) link(next, rest);
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(block) + kHeader);
}

void BlockAllocator::release(void* memory) {
  if (memory == nullptr) return;
  Block* block = block_of(memory);
  std::size_t size = block->size;
  Block* next = after(block, size);
  if ((next->size & kFree) != 0) {
    unlink(next);
    size += next->size - kFree;
  }
  if (block->size_before != 0) {
    Block* before =
        reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(block) - block->size_before);
    if ((before->size & kFree) != 0) {
      unlink(before);
      size += before->size - kFree;
      block = before;
    }
  }
  link(block, size);
}

std::size_t BlockAllocator::capacity(const void* memory) {
  return block_of(memory)->size - kHeader;
}

}  // namespace corr2d
