#include "continuo/base/file.h"

void careless() { continuo::write_file("x", std::string_view("y")); }
