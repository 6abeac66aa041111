#include "abi/handles.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "corr2d/random.hpp"

namespace corr2d::handles {
namespace {

Address address_of(const void* memory) { return reinterpret_cast<Address>(memory); }

TEST(Handles, RequestCanBeMeasuredAndRun) {
  const Address address = make_request();
  ASSERT_NE(address, 0u);
  const std::unique_ptr<Request> request(reinterpret_cast<Request*>(address));
  EXPECT_EQ(request->problem.stride_width, 1) << "a new request does not hold the defaults";
  request->problem.input_height = request->problem.input_width = 3;
  request->problem.kernel_height = request->problem.kernel_width = 2;
  ASSERT_EQ(measure_request(address), static_cast<std::int32_t>(Status::kOk));
  EXPECT_EQ(request->geometry.output_height, 2);

  const std::vector<float> x = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<float> k = {0, 1, 2, 3};
  std::vector<float> y(4);
  const std::size_t before = corr2d::allocated_bytes();
  ASSERT_EQ(run_request(address, address_of(x.data()), 0, 0, address_of(k.data()), 0,
                        address_of(y.data())),
            static_cast<std::int32_t>(Status::kOk));
  EXPECT_EQ(y, (std::vector<float>{19, 25, 37, 43}));
  EXPECT_EQ(corr2d::allocated_bytes(), before);
  EXPECT_EQ(allocated_bytes(), before);

  request->problem.kernel_width = 4;
  EXPECT_EQ(measure_request(address), static_cast<std::int32_t>(Status::kKernelTooLarge));
  EXPECT_EQ(run_request(address, address_of(x.data()), 0, 0, address_of(k.data()), 0,
                        address_of(y.data())),
            static_cast<std::int32_t>(Status::kKernelTooLarge));
}

TEST(Handles, AllocatingFunctionsReturnZeroIfMemoryRunsOut) {
  fail_allocation_after(0);
  EXPECT_EQ(make_request(), 0u);
  fail_allocation_after(0);
  EXPECT_EQ(allocate_bytes(16), 0u);
  const Address block = allocate_bytes(16);
  EXPECT_NE(block, 0u);
  release_bytes(block, 16);
}

TEST(Handles, DrawNormalJoinsTheHalvesOfTheSeed) {
  std::vector<float> whole(6), halves(6);
  fill_normal(whole.data(), 6, 0, 1, 0x12345678'9abcdef0u);
  draw_normal(address_of(halves.data()), 6, 0, 1, 0x9abcdef0u, 0x12345678u);
  EXPECT_EQ(whole, halves);
}

TEST(Handles, WriteImageRestoresWhatReadImageRead) {
  const std::vector<std::uint8_t> rgba = {1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<float> planes(8);
  read_image(address_of(rgba.data()), 2, 4, 1, address_of(planes.data()));
  EXPECT_EQ(planes, (std::vector<float>{1, 5, 2, 6, 3, 7, 4, 8}));
  std::vector<std::uint8_t> back(8);
  write_image(address_of(planes.data()), 2, 4, 0, 255, address_of(back.data()));
  EXPECT_EQ(back, rgba);
}

}  // namespace
}  // namespace corr2d::handles
