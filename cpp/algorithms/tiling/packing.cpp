#include "algorithms/tiling/packing.hpp"

#include "kernels/list.hpp"

namespace corr2d {

Status PackedWeights::pack(const Correlation& c, const float* weight, const TapRange& planes,
                           const TapRange& rows, const TapRange& columns) {
  const std::int32_t inputs = c.channels * planes.count;
  depth_ = inputs * rows.count * columns.count;
  if (!data_.reset(static_cast<std::size_t>(c.groups * c.outputs) *
                   static_cast<std::size_t>(depth_))) {
    return Status::kOutOfMemory;
  }
  float* out = data_.data();
  for (std::int32_t group = 0; group < c.groups; ++group) {
    for (std::int32_t first = 0; first < c.outputs;) {
      const std::int32_t block = channel_block(c.outputs - first);
      const float* channels = weight + group * c.weight.group + first * c.weight.image;
      for (std::int32_t i = 0; i < inputs; ++i) {
        const std::int32_t tap = planes.first + i / c.channels * planes.step;
        const float* input = channels + tap * c.weight.plane + i % c.channels * c.weight.channel;
        for (std::int32_t y = 0; y < rows.count; ++y) {
          for (std::int32_t x = 0; x < columns.count; ++x) {
            const float* at = input + (rows.first + y * rows.step) * c.weight.row +
                              (columns.first + x * columns.step) * c.weight.column;
            for (std::int32_t o = 0; o < block; ++o) *out++ = at[o * c.weight.image];
          }
        }
      }
      first += block;
    }
  }
  return Status::kOk;
}

Status pack_bias(const Correlation& c, const float* bias, Buffer<float>* packed) {
  const auto channels = static_cast<std::size_t>(c.groups * c.outputs);
  if (!packed->reset(channels)) return Status::kOutOfMemory;
  for (std::size_t o = 0; o < channels; ++o) (*packed)[o] = c.has_bias ? bias[o] : 0.0f;
  return Status::kOk;
}

}  // namespace corr2d
