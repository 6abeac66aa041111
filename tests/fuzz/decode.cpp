#include "decode.hpp"

#include <cstring>
#include <iterator>
#include <limits>

#include "layout.hpp"

namespace corr2d::fuzz {
namespace {

/// Numbers at which the behaviour of code may change.
constexpr std::int32_t kEdges[] = {
    0,
    -1,
    63,
    64,
    65,
    127,
    128,
    256,
    (1 << 15) - 1,
    1 << 15,
    1 << 16,
    (1 << 29) - 1,
    1 << 29,
    1 << 30,
    std::numeric_limits<std::int32_t>::max(),
    std::numeric_limits<std::int32_t>::min(),
};

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  std::uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }

  std::int32_t word() {
    std::uint32_t bits = 0;
    for (int i = 0; i < 4; ++i) bits = bits << 8 | byte();
    std::int32_t value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }

  /// Returns `low` for a byte of 0, otherwise in most cases a number from `low` to
  /// `low` + `count` - 1, and in few cases any number.
  std::int32_t number(std::int32_t low, std::int32_t count) {
    const std::uint8_t choice = byte();
    if (choice < 224) return low + choice % count;
    if (choice < 240) return choice;
    if (choice < 255) return kEdges[(choice - 240 + byte()) % std::size(kEdges)];
    return word();
  }

  /// Returns an enumerator; in few cases, an invalid one.
  template <typename Enum>
  Enum enumerator(Enum last) {
    const std::uint8_t choice = byte();
    const std::int32_t count = static_cast<std::int32_t>(last) + 1;
    return static_cast<Enum>(choice < 250 ? choice % count : word());
  }

  float real() {
    constexpr float kReals[] = {0,
                                1,
                                0.25f,
                                -0.5f,
                                -3,
                                1e-40f,
                                -0.0f,
                                std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN()};
    return kReals[byte() % std::size(kReals)];
  }

  Strides strides() {
    Strides s;
    for (std::int32_t* stride : {&s.n, &s.c, &s.h, &s.w}) *stride = number(-32, 96);
    return s;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

/// The bytes that choose the layouts of the three tensors.
struct LayoutChoices {
  std::uint8_t x, w, y;
};

/// Larger bytes choose arbitrary strides instead of one of the sweep's layouts.
constexpr std::uint8_t kLastLayout = 239;

/// Sets the strides of the tensors that have one of the sweep's layouts.
void lay_out(const LayoutChoices& chosen, Problem* p) {
  const auto layout_of = [](std::uint8_t choice, std::size_t count) {
    return choice <= kLastLayout ? choice % static_cast<std::int32_t>(count) : 0;
  };
  Geometry geometry;
  if (measure(*p, &geometry) != Status::kOk) return;
  sweep::lay_out(layout_of(chosen.x, std::size(sweep::kLayouts)),
                 layout_of(chosen.w, std::size(sweep::kWeightLayouts)),
                 layout_of(chosen.y, std::size(sweep::kLayouts)), p);
}

LayoutChoices decode_layouts(Bytes* bytes, Problem* p) {
  LayoutChoices chosen = {};
  for (std::uint8_t* choice : {&chosen.x, &chosen.w, &chosen.y}) *choice = bytes->byte();
  lay_out(chosen, p);
  if (chosen.x > kLastLayout) p->input_strides = bytes->strides();
  if (chosen.w > kLastLayout) p->weight_strides = bytes->strides();
  if (chosen.y > kLastLayout) p->output_strides = bytes->strides();
  return chosen;
}

/// Chooses the members of the third spatial axis. Most problems of kinds without it have none.
void decode_depth(Bytes* bytes, const LayoutChoices& layouts, Problem* p) {
  const bool has_depth = is_correlation(p->kind) || is_pool(p->kind);
  if (bytes->byte() < (has_depth ? 128 : 250)) return;
  p->input_depth = bytes->number(1, 6);
  p->kernel_depth = bytes->number(1, 4);
  p->stride_depth = bytes->number(1, 3);
  p->dilation_depth = bytes->number(1, 3);
  p->pad_front = bytes->number(0, 4);
  p->pad_back = bytes->number(0, 4);
  if (p->kind == Kind::kTransposed) p->output_padding_depth = bytes->number(0, 2);
  for (Strides* strides : {&p->input_strides, &p->weight_strides, &p->output_strides}) {
    strides->d = bytes->number(0, 400);
  }
  if (has_depth) lay_out(layouts, p);
}

/// Chooses the members of kMatchTemplate and kFindPeaks, and in most cases valid ones.
void decode_matching(Bytes* bytes, Problem* p) {
  p->match_method = bytes->enumerator(kLastMatchMethod);
  const std::int32_t mask_channels = bytes->number(0, 3);
  p->mask_channels = mask_channels == 2 ? p->input_channels : mask_channels;
  p->max_peaks = bytes->number(1, 5);
  p->peak_threshold = bytes->real();
  p->peak_distance = bytes->real();
  p->finds_minima = bytes->number(0, 2);
  p->subpixel = bytes->number(0, 2);
  if ((p->kind != Kind::kMatchTemplate && p->kind != Kind::kFindPeaks) || bytes->byte() >= 250) {
    return;
  }
  p->batch = p->groups = p->output_channels = 1;
  p->stride_height = p->stride_width = p->dilation_height = p->dilation_width = 1;
  p->pad_top = p->pad_bottom = p->pad_left = p->pad_right = 0;
  p->activation = Activation::kNone;
  p->has_bias = 0;
  p->input_strides = p->weight_strides = p->output_strides = {};
  if (p->kind == Kind::kFindPeaks) p->input_channels = p->kernel_height = p->kernel_width = 1;
}

/// Chooses the members of kPhaseCorrelate, and in most cases valid ones.
void decode_registration(Bytes* bytes, Problem* p) {
  p->upsample = bytes->number(1, 12);
  p->hann_window = bytes->number(0, 1);
  if (p->kind != Kind::kPhaseCorrelate || bytes->byte() >= 250) return;
  p->batch = p->groups = p->input_channels = 1;
  p->output_channels = 3;
  p->kernel_height = p->input_height;
  p->kernel_width = p->input_width;
  p->stride_height = p->stride_width = p->dilation_height = p->dilation_width = 1;
  p->pad_top = p->pad_bottom = p->pad_left = p->pad_right = 0;
  p->activation = Activation::kNone;
  p->has_bias = 0;
  p->input_strides = p->weight_strides = p->output_strides = {};
}

/// Chooses the members of kInterpolate, and in most cases valid ones.
void decode_interpolation(Bytes* bytes, Problem* p) {
  p->interpolation = bytes->enumerator(kLastInterpolation);
  p->nearest_rounding = bytes->enumerator(kLastRounding);
  p->antialias = bytes->number(0, 2);
  const auto scale = [bytes](std::int32_t inputs, std::int32_t outputs) {
    if (bytes->byte() >= 200) return bytes->real();
    return static_cast<float>(inputs) / static_cast<float>(outputs);
  };
  p->row_scale = scale(p->input_height, p->sizes.at[1]);
  p->column_scale = scale(p->input_width, p->sizes.at[2]);
  const std::uint8_t choice = bytes->byte();
  p->sample_offset = choice < 100 ? 0.5f : choice < 200 ? 0 : bytes->real();
  p->cubic_coefficient = bytes->real();
  if (bytes->byte() < 250) p->rank = 4;
}

/// Chooses the members of the array kinds.
void decode_array(Bytes* bytes, Problem* p) {
  if (!is_array(p->kind)) return;
  p->operation = bytes->enumerator(kLastOperation);
  p->reduction = bytes->enumerator(kLastReduction);
  p->rank = bytes->number(0, 6);
  for (std::int32_t& size : p->sizes.at) size = bytes->number(1, 9);
  if (p->kind == Kind::kBatchNormScale && bytes->byte() < 250) p->rank = 1;
  if (p->kind >= Kind::kSoftmax && p->kind <= Kind::kNormalise && bytes->byte() < 250) p->rank = 3;
  p->reduced_axes = bytes->byte();
  if (p->kind == Kind::kInterpolate) decode_interpolation(bytes, p);
  p->has_scale = bytes->number(0, 2);
  p->epsilon = bytes->real();
  for (Axes* steps : {&p->input_steps, &p->second_steps, &p->third_steps, &p->output_steps}) {
    const std::uint8_t choice = bytes->byte();
    std::uint32_t step = 1;
    for (std::int32_t i = kMaxAxes - 1; i >= 0; --i) {
      // Contiguous, with repeated axes, or arbitrary. sweep::Array has no room before an array of
      // more than four axes.
      const bool repeats = choice >= 64 && choice < 128 && bytes->byte() % 2 == 0;
      steps->at[i] = choice >= 240 ? bytes->number(p->rank > 4 ? 0 : -8, 40)
                     : repeats     ? 0
                                   : static_cast<std::int32_t>(step & 0xffffff);
      if (i < p->rank) step *= static_cast<std::uint32_t>(p->sizes.at[i]);
    }
  }
  if (p->kind == Kind::kElementwise) {
    p->activation = bytes->byte() < 160 ? Unary::kNone : p->activation;
  } else if (bytes->byte() < 250) {
    p->activation = Unary::kNone;
  }
}

}  // namespace

Case decode(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  Case result;
  Problem& p = result.problem;
  p.kind = bytes.enumerator(kLastKind);
  p.input_height = bytes.number(1, 16);
  p.input_width = bytes.number(1, 80);
  p.kernel_height = bytes.number(1, 5);
  p.kernel_width = bytes.number(1, 5);
  p.groups = bytes.number(1, 4);
  // Draws the channels of one group, so that most counts are multiples of the number of groups. The
  // product may wrap around.
  const auto channels = [&](std::int32_t per_group) {
    const auto product =
        static_cast<std::uint32_t>(p.groups) * static_cast<std::uint32_t>(per_group);
    std::int32_t value;
    std::memcpy(&value, &product, sizeof(value));
    return value;
  };
  p.input_channels = channels(bytes.number(1, 20));
  p.output_channels = channels(bytes.number(1, 40));
  if (!is_correlation(p.kind) && bytes.byte() < 250) p.output_channels = p.input_channels;
  p.batch = bytes.number(1, 4);
  if (p.kind == Kind::kFilterImage && bytes.byte() < 250) {
    p.batch = p.groups = 1;
    p.input_channels = p.output_channels = 4;
  }
  p.stride_height = bytes.number(1, 3);
  p.stride_width = bytes.number(1, 3);
  p.dilation_height = bytes.number(1, 3);
  p.dilation_width = bytes.number(1, 3);
  p.pad_top = bytes.number(0, 4);
  p.pad_bottom = bytes.number(0, 4);
  p.pad_left = bytes.number(0, 4);
  p.pad_right = bytes.number(0, 4);
  if (p.kind == Kind::kTransposed) {
    p.output_padding_height = bytes.number(0, 2);
    p.output_padding_width = bytes.number(0, 2);
  }
  p.padding_mode = bytes.enumerator(kLastPaddingMode);
  p.fill_value = bytes.real();
  p.activation = bytes.enumerator(kLastActivation);
  p.activation_alpha = bytes.real();
  const std::uint8_t flags = bytes.byte();
  p.has_bias = flags & 1;
  p.ceil_mode = flags >> 1 & 1;
  p.count_include_pad = flags >> 2 & 1;
  p.deterministic = flags >> 3 & 1;
  p.preserve_alpha = flags >> 4 & 1;
  if (p.kind == Kind::kForward) {
    p.local_accuracy = flags >> 5 & 1;
    p.has_add = flags >> 6 & 1;
  }
  p.algorithm = flags < 240 ? Algorithm::kAuto : bytes.enumerator(kLastAlgorithm);
  result.values = static_cast<Values>(bytes.byte() % (static_cast<int>(kLastValues) + 1));
  result.seed = bytes.byte();
  const std::uint8_t failure = bytes.byte();
  result.successes = failure < 128 ? -1 : failure % 16;
  const LayoutChoices layouts = decode_layouts(&bytes, &p);
  decode_matching(&bytes, &p);
  decode_registration(&bytes, &p);
  decode_depth(&bytes, layouts, &p);
  decode_array(&bytes, &p);
  return result;
}

}  // namespace corr2d::fuzz
