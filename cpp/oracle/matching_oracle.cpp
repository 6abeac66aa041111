#include "oracle/matching_oracle.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace corr2d::oracle {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Elements of template and window, and their weights, of one channel.
struct Pairs {
  std::vector<double> t, i, m;

  /// The mean of some elements, weighted by m^power. That of equal elements is exact.
  double mean(const std::vector<double>& values, int power) const {
    const bool is_flat = std::all_of(values.begin(), values.end(),
                                     [&](double value) { return value == values.front(); });
    if (values.empty() || is_flat) return values.empty() ? 0 : values.front();
    double sum = 0, weight = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      const double w = power == 0 ? 1 : power == 1 ? m[k] : m[k] * m[k];
      sum += w * values[k];
      weight += w;
    }
    return sum / weight;
  }
};

Score score_of(MatchMethod method, bool has_mask, const std::vector<Pairs>& channels) {
  const bool removes_mean = method == MatchMethod::kCcoeff || method == MatchMethod::kCcoeffNormed;
  double product = 0, difference = 0, t_energy = 0, i_energy = 0;
  double t_variance = 0, i_variance = 0;
  for (const Pairs& pairs : channels) {
    const double t_mean = pairs.mean(pairs.t, 1), i_mean = pairs.mean(pairs.i, 1);
    for (std::size_t k = 0; k < pairs.t.size(); ++k) {
      const double m = pairs.m[k];
      const double t = m * (pairs.t[k] - (removes_mean ? t_mean : 0));
      const double i = m * (pairs.i[k] - (removes_mean ? i_mean : 0));
      product += t * i;
      difference += (t - i) * (t - i);
      t_energy += t * t;
      i_energy += i * i;
      t_variance += m * m * (pairs.t[k] - t_mean) * (pairs.t[k] - t_mean);
      i_variance += m * m * (pairs.i[k] - i_mean) * (pairs.i[k] - i_mean);
    }
  }
  const double norm = std::sqrt(t_energy * i_energy);
  if (!std::isfinite(norm)) return {kNaN, 0};
  const double rest = std::max(t_variance + i_variance, std::abs(t_energy - i_energy));
  switch (method) {
    case MatchMethod::kSqdiff:
      return {difference, kScoreError * std::max(rest, difference)};
    case MatchMethod::kSqdiffNormed:
      if (norm == 0) return {1, 0};
      return {has_mask ? difference / norm : std::min(difference / norm, 1.0),
              kScoreError * std::max(1.0, difference / norm)};
    case MatchMethod::kCcorr:
    case MatchMethod::kCcoeff:
      return {product, kScoreError * norm};
    default:
      return norm == 0 ? Score{0, 0} : Score{product / norm, kScoreError};
  }
}

}  // namespace

std::vector<Score> match_template(const Problem& p, const float* image, const float* model,
                                  const float* mask) {
  std::vector<Score> scores;
  const int taps = p.kernel_height * p.kernel_width;
  bool has_mask = false;
  for (int k = 0; k < p.mask_channels * taps; ++k) has_mask |= mask[k] != 1;
  for (int y = 0; y + p.kernel_height <= p.input_height; ++y) {
    for (int x = 0; x + p.kernel_width <= p.input_width; ++x) {
      std::vector<Pairs> channels;
      for (int c = 0; c < p.input_channels; ++c) {
        Pairs pairs;
        for (int k = 0; k < taps; ++k) {
          const double m = p.mask_channels == 0 ? 1 : mask[p.mask_channels == 1 ? k : c * taps + k];
          if (m == 0) continue;
          const int row = y + k / p.kernel_width, column = x + k % p.kernel_width;
          pairs.m.push_back(m);
          pairs.t.push_back(model[c * taps + k]);
          pairs.i.push_back(image[(c * p.input_height + row) * p.input_width + column]);
        }
        channels.push_back(pairs);
      }
      scores.push_back(score_of(p.match_method, has_mask, channels));
    }
  }
  return scores;
}

std::vector<Peak> find_peaks(const Problem& p, const float* scores) {
  const double sign = p.finds_minima != 0 ? -1 : 1;
  const auto at = [&](int y, int x) { return sign * scores[y * p.input_width + x]; };
  // The offset of the vertex of the parabola through three values, the middle one a maximum.
  const auto vertex = [](double left, double middle, double right) {
    if (!(left <= middle && right <= middle && left + right < 2 * middle)) return 0.0;
    return (left - right) / (2 * (left + right - 2 * middle));
  };
  std::vector<Peak> peaks;
  std::vector<bool> is_out(static_cast<std::size_t>(p.input_height * p.input_width), false);
  while (static_cast<int>(peaks.size()) < p.max_peaks) {
    int best_y = -1, best_x = -1;
    for (int y = 0; y < p.input_height; ++y) {
      for (int x = 0; x < p.input_width; ++x) {
        if (is_out[static_cast<std::size_t>(y * p.input_width + x)]) continue;
        if (!(at(y, x) >= sign * p.peak_threshold)) continue;
        if (best_y < 0 || at(y, x) > at(best_y, best_x)) {
          best_y = y;
          best_x = x;
        }
      }
    }
    if (best_y < 0) break;
    Peak peak = {static_cast<double>(best_x), static_cast<double>(best_y),
                 sign * at(best_y, best_x)};
    if (p.subpixel != 0 && best_x > 0 && best_x < p.input_width - 1) {
      peak.x += vertex(at(best_y, best_x - 1), at(best_y, best_x), at(best_y, best_x + 1));
    }
    if (p.subpixel != 0 && best_y > 0 && best_y < p.input_height - 1) {
      peak.y += vertex(at(best_y - 1, best_x), at(best_y, best_x), at(best_y + 1, best_x));
    }
    peaks.push_back(peak);
    for (int y = 0; y < p.input_height; ++y) {
      for (int x = 0; x < p.input_width; ++x) {
        const int distance = std::max(std::abs(y - best_y), std::abs(x - best_x));
        if (distance == 0 || distance < p.peak_distance) {
          is_out[static_cast<std::size_t>(y * p.input_width + x)] = true;
        }
      }
    }
  }
  return peaks;
}

}  // namespace corr2d::oracle
