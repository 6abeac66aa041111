// The sweep: runs every algorithm on every small problem that it supports and compares the results
// with the float64 oracle.
//
//   corr2d_sweep [--sample COUNT [--seed SEED] | --part I/N | --problem STRATUM:NUMBER]
//                [--algorithm NAME] [--stratum NAME]
//
// Without --sample or --problem it enumerates the whole space: 86 million problems, of which 71
// million are correlations. Two algorithms support each of these, a third some. That is 180 million
// results, in 47 minutes on one core natively. The exit status is 0 if all results are within their
// bounds, 1 if not, and 2 for unknown arguments.

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "sweep.hpp"

namespace corr2d::sweep {
namespace {

struct Arguments {
  std::string algorithm, stratum;
  std::uint64_t sample = 0;
  std::uint64_t seed = 1;
  SweepPart part;
  std::string problem;
};

bool parse_number(const std::string& text, std::uint64_t* number) {
  char* end = nullptr;
  *number = std::strtoull(text.c_str(), &end, 10);
  return !text.empty() && text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

/// Splits a text at the first `separator`. Returns false if there is none.
bool split(const std::string& text, char separator, std::string* before, std::string* after) {
  const std::size_t at = text.find(separator);
  if (at == std::string::npos) return false;
  *before = text.substr(0, at);
  *after = text.substr(at + 1);
  return true;
}

bool parse_part(const std::string& text, SweepPart* part) {
  std::string index, count;
  if (!split(text, '/', &index, &count) || !parse_number(index, &part->index) ||
      !parse_number(count, &part->count)) {
    return false;
  }
  --part->index;
  return part->index < part->count;
}

bool parse(int count, char** values, Arguments* arguments) {
  for (int i = 1; i < count; i += 2) {
    const std::string name = values[i];
    const std::string value = i + 1 < count ? values[i + 1] : "";
    bool is_known = !value.empty();
    if (name == "--algorithm") {
      arguments->algorithm = value;
    } else if (name == "--stratum") {
      arguments->stratum = value;
    } else if (name == "--problem") {
      arguments->problem = value;
    } else if (name == "--sample") {
      is_known = parse_number(value, &arguments->sample) && arguments->sample > 0;
    } else if (name == "--seed") {
      is_known = parse_number(value, &arguments->seed);
    } else if (name == "--part") {
      is_known = parse_part(value, &arguments->part);
    } else {
      is_known = false;
    }
    if (!is_known) {
      std::printf("argument is %s %s; expected an option of the sweep and its value\n",
                  name.c_str(), value.c_str());
      return false;
    }
  }
  return true;
}

/// The elements of `all` with this name, or all if `name` is empty.
template <typename Named>
std::vector<Named> find_named(const std::vector<Named>& all, const std::string& name) {
  std::vector<Named> found;
  std::string names;
  for (const Named& item : all) {
    if (name.empty() || name == item.name) found.push_back(item);
    names += std::string(" ") + item.name;
  }
  if (found.empty()) std::printf("name is %s; expected one of:%s\n", name.c_str(), names.c_str());
  return found;
}

int run(int count, char** values) {
  constexpr int kUsage = 2;
  Arguments arguments;
  if (!parse(count, values, &arguments)) return kUsage;
  std::uint64_t number = 0;
  if (!arguments.problem.empty()) {
    std::string text;
    if (!split(arguments.problem, ':', &arguments.stratum, &text) || !parse_number(text, &number)) {
      std::printf("--problem is %s; expected STRATUM:NUMBER\n", arguments.problem.c_str());
      return kUsage;
    }
  }
  const std::vector<Implementation> implementations =
      find_named(all_implementations(), arguments.algorithm);
  const std::vector<Stratum> selected = find_named(strata(), arguments.stratum);
  if (implementations.empty() || selected.empty()) return kUsage;

  Sweep sweep(implementations, selected, check);
  if (!arguments.problem.empty()) {
    sweep.one(number);
  } else if (arguments.sample > 0) {
    sweep.sample(arguments.sample, arguments.seed);
  } else {
    sweep.all(arguments.part);
  }
  return sweep.report() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace corr2d::sweep

int main(int count, char** values) { return corr2d::sweep::run(count, values); }
