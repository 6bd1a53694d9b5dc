#include <iostream>

#include "tapir/base/status.h"
#include "tapir/base/version.h"

int main() {
  const tapir::Status status = tapir::NotFound("nothing here");
  if (status.ok()) return 1;
  std::cout << "tapir " << tapir::kVersion << "\n";
}
