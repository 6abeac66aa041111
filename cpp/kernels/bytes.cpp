#include "kernels/bytes.hpp"

#include <cstring>

namespace corr2d {
namespace {

/// 16 bytes from 16 floats.
v128_t to_bytes(const float* in) {
  const v128_t first = wasm_i16x8_narrow_i32x4(to_byte_range(wasm_v128_load(in)),
                                               to_byte_range(wasm_v128_load(in + 4)));
  const v128_t second = wasm_i16x8_narrow_i32x4(to_byte_range(wasm_v128_load(in + 8)),
                                                to_byte_range(wasm_v128_load(in + 12)));
  return wasm_u8x16_narrow_i16x8(first, second);
}

}  // namespace

void bytes_to_floats(const std::uint8_t* in, std::int32_t count, float* out) {
  std::int32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const v128_t bytes = wasm_v128_load(in + i);
    const v128_t low = wasm_u16x8_extend_low_u8x16(bytes);
    const v128_t high = wasm_u16x8_extend_high_u8x16(bytes);
    wasm_v128_store(out + i, wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(low)));
    wasm_v128_store(out + i + 4, wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(low)));
    wasm_v128_store(out + i + 8, wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(high)));
    wasm_v128_store(out + i + 12, wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(high)));
  }
  for (; i < count; ++i) out[i] = in[i];
}

void floats_to_pixels(const float* rgba, const std::uint8_t* alpha, std::int32_t pixels,
                      std::uint8_t* out) {
  const v128_t is_alpha = wasm_i32x4_splat(static_cast<std::int32_t>(0xff000000));
  std::int32_t i = 0;
  for (; i + 4 <= pixels; i += 4) {
    const v128_t kept = wasm_v128_load(alpha + 4 * i);
    wasm_v128_store(out + 4 * i, wasm_v128_bitselect(kept, to_bytes(rgba + 4 * i), is_alpha));
  }
  if (i < pixels) {
    const auto rest = static_cast<std::size_t>(pixels - i);
    float values[16] = {};
    std::uint8_t bytes[16];
    std::memcpy(values, rgba + 4 * i, rest * 4 * sizeof(float));
    wasm_v128_store(bytes, to_bytes(values));
    for (std::size_t p = 0; p < rest; ++p)
      bytes[4 * p + 3] = alpha[4 * (static_cast<std::size_t>(i) + p) + 3];
    std::memcpy(out + 4 * i, bytes, rest * 4);
  }
}

}  // namespace corr2d
