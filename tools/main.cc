#include "tools/command_line.h"

int main(int argc, char** argv) { return tapir::cli::RunCommandLine(argc, argv); }
