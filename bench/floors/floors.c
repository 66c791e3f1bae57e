// What this machine does at best: answers commands on standard input with nanoseconds, one line each, so that a floor can be taken
// between two measurements.
//
//   lock BYTES CHUNK   mlock and munlock BYTES of resident memory, CHUNK at a time
//   copy BYTES         memcpy of BYTES by one thread, both sides resident
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static long long now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Resident, and kept for the next command of the same size. */
static char *resident(char **memory, size_t *have, size_t want) {
  if (*have == want) return *memory;
  if (*memory) munmap(*memory, *have);
  *memory = mmap(NULL, want, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (*memory == MAP_FAILED) exit(1);
  memset(*memory, 1, want);
  *have = want;
  return *memory;
}

static long long lock(char *memory, size_t bytes, size_t chunk) {
  long long start = now_ns();
  for (size_t at = 0; at < bytes; at += chunk)
    if (mlock(memory + at, bytes - at < chunk ? bytes - at : chunk)) exit(2);
  for (size_t at = 0; at < bytes; at += chunk)
    if (munlock(memory + at, bytes - at < chunk ? bytes - at : chunk)) exit(2);
  return now_ns() - start;
}

int main(void) {
  char *a = NULL, *b = NULL, command[16];
  size_t a_size = 0, b_size = 0, bytes, chunk;
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (scanf("%15s %zu", command, &bytes) == 2) {
    resident(&a, &a_size, bytes);
    if (!strcmp(command, "lock")) {
      if (scanf("%zu", &chunk) != 1) return 3;
      printf("%lld\n", lock(a, bytes, chunk));
    } else {
      resident(&b, &b_size, bytes);
      long long start = now_ns();
      memcpy(b, a, bytes);
      printf("%lld\n", now_ns() - start);
    }
  }
  return 0;
}
