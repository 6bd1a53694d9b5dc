#include "catalog/search_grams.h"

#include <algorithm>

#include "bytes/utf8.h"

namespace tapir::catalog {

std::vector<std::string> CoveringGrams(std::string_view form) {
  constexpr size_t kGram = 3;
  std::vector<size_t> starts;
  for (size_t at = 0; at < form.size();) {
    starts.push_back(at);
    at += std::max<size_t>(1, FirstCodePoint(form.substr(at)).bytes);
  }
  if (starts.size() < kGram) return {};
  starts.push_back(form.size());
  const auto gram = [&](size_t first) {
    return std::string(form.substr(starts[first], starts[first + kGram] - starts[first]));
  };
  std::vector<std::string> grams;
  const size_t last = starts.size() - 1 - kGram;
  for (size_t first = 0; first < last; first += kGram) grams.push_back(gram(first));
  grams.push_back(gram(last));
  return grams;
}

}  // namespace tapir::catalog
