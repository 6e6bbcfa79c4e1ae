// Runs a command and prints its seconds by the clock, seconds of processors and peak memory in KiB; its own
// output goes nowhere.
// Usage: continuo_measure COMMAND...
#include <chrono>
#include <cstdio>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const auto started = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::execvp(argv[1], argv + 1);
    ::_exit(127);
  }
  int status = 0;
  struct rusage usage {};
  ::wait4(child, &status, 0, &usage);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  const auto seconds_of = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) * 1e-6; };
  std::printf("%.3f %.3f %ld\n", seconds.count(), seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
              usage.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
