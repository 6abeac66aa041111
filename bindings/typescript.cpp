// Writes bindings/src/runtime/abi.generated.ts, the TypeScript side of the C++ interface, to
// standard output: the enumerators, members and functions that problem.inc, status.inc and
// handles.inc list. Compiled like the library itself, so that offsets and defaults are those of the
// compiler. The build runs it (cmake/wasm.cmake).

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <type_traits>

#include "abi/handles.hpp"

namespace {

using corr2d::Axes;
using corr2d::Geometry;
using corr2d::Problem;
using corr2d::Strides;
using corr2d::handles::PlanFacts;
using corr2d::handles::Request;

constexpr std::size_t kWord = sizeof(std::int32_t);

std::string camel_case(const std::string& name) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool starts_word = i > 0 && name[i - 1] == '_';
    if (name[i] != '_') result += static_cast<char>(starts_word ? name[i] - 'a' + 'A' : name[i]);
  }
  return result;
}

/// A key of an object: `name`, in quotes where it is not an identifier.
std::string key(const std::string& name) {
  return name.find_first_of("-.") == std::string::npos ? name : '\'' + name + '\'';
}

std::string member_of(const std::string& object, const std::string& name) {
  return key(name) == name ? object + '.' + name : object + '[' + key(name) + ']';
}

std::string typescript_type(const std::string& type) {
  return type == "Address" || type == "void" ? type : "number";
}

/// "(Address memory, std::uint32_t bytes)" becomes "(memory: Address, bytes: number)".
std::string typescript_parameters(const std::string& parameters) {
  std::string result = "(";
  for (std::size_t start = 1; start < parameters.size();) {
    const std::size_t end = parameters.find_first_of(",)", start);
    const std::string parameter = parameters.substr(start, end - start);
    if (const std::size_t space = parameter.rfind(' '); space != std::string::npos) {
      if (start > 1) result += ", ";
      result += camel_case(parameter.substr(space + 1)) + ": " +
                typescript_type(parameter.substr(0, space));
    }
    start = end + 1 + (parameters[end + 1] == ' ' ? 1 : 0);
  }
  return result + ')';
}

/// A TypeScript object with one member per line.
class Object {
 public:
  Object(const std::string& comment, const std::string& name)
      : text_("\n/** " + comment + " */\nexport const " + name + " = {\n") {}

  /// Adds the members of another object.
  Object& add_all_of(const std::string& other) {
    text_ += "  ..." + other + ",\n";
    return *this;
  }

  template <typename Value>
  Object& add(const std::string& name, Value value) {
    char digits[32];
    std::snprintf(digits, sizeof(digits), "%.9g", static_cast<double>(value));
    text_ += "  " + key(name) + ": " + digits + ",\n";
    return *this;
  }

  /// Adds the numbers of the names from `first` on.
  Object& add_names(const char* const* names, std::size_t count, std::size_t first = 0) {
    for (std::size_t i = first; i < count; ++i) add(names[i], i);
    return *this;
  }

  /// `more` are lines of further members.
  std::string text(const std::string& more = "") const { return text_ + more + "} as const;\n"; }

 private:
  std::string text_;
};

template <std::size_t kCount>
std::string enumerators(const std::string& name, const std::string& type, const std::string& file,
                        const char* const (&names)[kCount]) {
  return Object("The enumerators of `" + type + "` in cpp/include/corr2d/" + file + ".", name)
      .add_names(names, kCount)
      .text();
}

std::string unary_functions() {
  return Object("The enumerators of `Unary` in cpp/include/corr2d/problem.inc.", "unaryFunctions")
      .add_all_of("activations")
      .add_names(corr2d::kUnaryNames, std::size(corr2d::kUnaryNames),
                 std::size(corr2d::kActivationNames))
      .text();
}

constexpr const char* kStatusNames[] = {
#define CORR2D_STATUS(enumerator, name) name,
#include "corr2d/status.inc"
};

/// Collects the members of Problem.
class ProblemWriter {
 public:
  template <typename Field>
  void add(const std::string& name, std::size_t offset, Field value) {
    static_assert(sizeof(Field) == kWord, "every member of a Problem is a 32-bit word");
    // The members have no gaps, so the generated code counts words, which is the smallest code.
    if (offset != kWord * words_++) std::abort();
    defaults_.add(name, value);
    const char* view = std::is_same<Field, float>::value ? "floats" : "words";
    writes_ += "  " + std::string(view) + "[at++] = " + member_of("fields", name) + ";\n";
  }

  void add(const std::string& name, std::size_t offset, const Strides& value) {
    static_assert(sizeof(Strides) == 5 * kWord, "every member of Strides is listed below");
    add(name + ".n", offset + offsetof(Strides, n), value.n);
    add(name + ".c", offset + offsetof(Strides, c), value.c);
    add(name + ".h", offset + offsetof(Strides, h), value.h);
    add(name + ".w", offset + offsetof(Strides, w), value.w);
    add(name + ".d", offset + offsetof(Strides, d), value.d);
  }

  void add(const std::string& name, std::size_t offset, const Axes&) {
    if (offset != kWord * words_) std::abort();
    words_ += corr2d::kMaxAxes;
    arrays_ += "  " + name + ": readonly number[];\n";
    no_axes_ += "  " + name + ": noAxes,\n";
    writes_ += "  at = writeAxes(words, at, fields." + name + ");\n";
  }

  std::string text() const {
    const std::string start = std::to_string(offsetof(Request, problem) / kWord);
    return "\nconst noAxes: readonly number[] = [];\n" + defaults_.text(no_axes_) +
           "\n/** The members of a Problem. An array holds a number for each axis. */\n"
           "export interface ProblemFields\n"
           "  extends Record<Exclude<keyof typeof problemDefaults, keyof ProblemAxes>, number>,\n"
           "    ProblemAxes {}\n"
           "\ninterface ProblemAxes {\n" +
           arrays_ +
           "}\n"
           "\n/** Writes the numbers of the axes and returns the index of the next member. */\n"
           "function writeAxes(words: Int32Array, at: number, axes: readonly number[]): number {\n"
           "  for (let i = 0; i < axes.length; i++) words[at + i] = axes[i] as number;\n"
           "  return at + " +
           std::to_string(corr2d::kMaxAxes) +
           ";\n}\n"
           "\n/** The largest number of axes of an array kind. */\n"
           "export const maxAxes = " +
           std::to_string(corr2d::kMaxAxes) +
           ";\n"
           "\n/** Writes a problem into a Request; `words` and `floats` are views of the heap. */\n"
           "export function writeProblem(\n"
           "  request: Address,\n"
           "  fields: Readonly<ProblemFields>,\n"
           "  words: Int32Array,\n"
           "  floats: Float32Array,\n"
           "): void {\n"
           "  let at = request / 4 + " +
           start + ";\n" + writes_ + "}\n";
  }

 private:
  Object defaults_{
      "The members of `Problem` in cpp/include/corr2d/problem.inc with their defaults.",
      "problemDefaults"};
  std::string writes_, arrays_, no_axes_;
  std::size_t words_ = 0;
};

/// Collects the members of Request that the library writes.
class RequestWriter {
 public:
  template <typename Field>
  void add(const std::string& name, std::size_t offset, const Field&) {
    if constexpr (std::is_same<Field, double>::value) {
      doubles_.add(camel_case(name), offset / sizeof(double));
    } else {
      static_assert(sizeof(Field) == kWord, "the other members are 32-bit words");
      words_.add(camel_case(name), offset / kWord);
    }
  }

  void add(const std::string&, std::size_t offset, const Geometry& geometry) {
#define CORR2D_GEOMETRY_FIELD(type, name) \
  add(#name, offset + offsetof(Geometry, name), geometry.name);
#include "corr2d/problem.inc"
  }

  void add(const std::string&, std::size_t offset, const PlanFacts& plan) {
#define CORR2D_PLAN_FIELD(type, name) add(#name, offset + offsetof(PlanFacts, name), plan.name);
#include "abi/handles.inc"
  }

  void add(const std::string&, std::size_t, const Problem&) {}

  std::string text() const { return words_.text() + doubles_.text(); }

 private:
  Object words_{"The indices of a Request's int32 members, as an Int32Array at its address.",
                "requestWords"};
  Object doubles_{"The indices of a Request's float64 members, as a Float64Array at its address.",
                  "requestDoubles"};
};

struct Function {
  const char* exported;
  const char* result;
  const char* parameters;
};

constexpr Function kFunctions[] = {
#define CORR2D_FUNCTION(exported, result, name, parameters) {#exported, #result, #parameters},
#include "abi/handles.inc"
};

constexpr Function kThreadFunctions[] = {
#define CORR2D_THREAD_FUNCTION(exported, result, name, parameters) \
  {#exported, #result, #parameters},
#include "abi/handles.inc"
};

template <std::size_t kCount>
std::string signatures(const std::string& comment, const std::string& name,
                       const Function (&functions)[kCount]) {
  std::string text = "\n/** " + comment + " */\nexport interface " + name + " {\n";
  for (const Function& function : functions) {
    text += "  " + std::string(function.exported) + typescript_parameters(function.parameters) +
            ": " + typescript_type(function.result) + ";\n";
  }
  return text + "}\n";
}

std::string function_names() {
  std::string text = "\n/** The names of `ModuleFunctions`. */\nexport const functionNames = [\n";
  for (const Function& function : kFunctions)
    text += "  '" + std::string(function.exported) + "',\n";
  return text + "] as const;\n";
}

std::string problem_members() {
  ProblemWriter writer;
  const Problem defaults;
#define CORR2D_PROBLEM_FIELD(type, name, value) \
  writer.add(#name, offsetof(Problem, name), defaults.name);
#include "corr2d/problem.inc"
  return writer.text();
}

std::string request_members() {
  RequestWriter writer;
  const Request request{};
#define CORR2D_REQUEST_FIELD(type, name) writer.add(#name, offsetof(Request, name), request.name);
#include "abi/handles.inc"
  return writer.text();
}

/// FNV-1a with 32 bits (Fowler, Noll, Vo), in hexadecimal digits.
std::string hash(const std::string& text) {
  std::uint32_t value = 0x811c9dc5u;
  for (const char byte : text) value = (value ^ static_cast<std::uint8_t>(byte)) * 0x01000193u;
  char digits[9];
  std::snprintf(digits, sizeof(digits), "%08lx", static_cast<unsigned long>(value));
  return digits;
}

}  // namespace

int main() {
  const std::string text =
      "// Generated by bindings/typescript.cpp; do not edit.\n"
      "\n/** An address in the WebAssembly heap, in bytes; 0 is none. */\n"
      "export type Address = number;\n" +
      enumerators("kinds", "Kind", "problem.inc", corr2d::kKindNames) +
      enumerators("paddingModes", "PaddingMode", "problem.inc", corr2d::kPaddingModeNames) +
      enumerators("activations", "Activation", "problem.inc", corr2d::kActivationNames) +
      unary_functions() +
      enumerators("algorithms", "Algorithm", "problem.inc", corr2d::kAlgorithmNames) +
      enumerators("matchMethods", "MatchMethod", "problem.inc", corr2d::kMatchMethodNames) +
      enumerators("operations", "Operation", "problem.inc", corr2d::kOperationNames) +
      enumerators("reductions", "Reduction", "problem.inc", corr2d::kReductionNames) +
      enumerators("interpolations", "Interpolation", "problem.inc", corr2d::kInterpolationNames) +
      enumerators("statuses", "Status", "status.inc", kStatusNames) + problem_members() +
      request_members() +
      signatures("The functions that every variant exports: see cpp/abi/handles.inc.",
                 "ModuleFunctions", kFunctions) +
      signatures("The functions that only the variants with threads export.", "ThreadFunctions",
                 kThreadFunctions) +
      function_names();
  std::printf(
      "%s\n/** A hash of all of the above: a module with another one cannot be called. */\n"
      "export const abiHash = '%s';\n",
      text.c_str(), hash(text).c_str());
}
