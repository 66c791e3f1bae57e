// What this machine does at best: answers commands on standard input with nanoseconds, one line each, so that a floor can be taken
// between two measurements.
//
//   lock BYTES CHUNK   mlock and munlock BYTES of resident memory, CHUNK at a time
//   copy BYTES         memcpy of BYTES by one thread, both sides resident
//   sum BYTES          one pass over BYTES of resident memory, in vectors where the machine has them
//   ping ROUNDS        two threads that wake each other by eventfds, ROUNDS times to and fro
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

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

/* Clones as the addon has them, so that both sides use what this processor has. */
#ifdef __x86_64__
__attribute__((target_clones("avx2", "default")))
#endif
static uint32_t sum(const uint32_t *words, size_t count) {
  uint32_t total = 0;
  for (size_t i = 0; i < count; i++) total += words[i];
  return total;
}

static int there, back;

static void *answer(void *rounds) {
  eventfd_t value;
  for (size_t i = *(size_t *)rounds; i > 0; i--)
    if (eventfd_read(there, &value) || eventfd_write(back, 1)) exit(4);
  return NULL;
}

static long long ping(size_t rounds) {
  pthread_t other;
  eventfd_t value;
  there = eventfd(0, EFD_CLOEXEC);
  back = eventfd(0, EFD_CLOEXEC);
  if (there < 0 || back < 0 || pthread_create(&other, NULL, answer, &rounds)) exit(4);
  long long start = now_ns();
  for (size_t i = 0; i < rounds; i++)
    if (eventfd_write(there, 1) || eventfd_read(back, &value)) exit(4);
  long long taken = now_ns() - start;
  pthread_join(other, NULL);
  close(there);
  close(back);
  return taken;
}

int main(void) {
  char *a = NULL, *b = NULL, command[16];
  size_t a_size = 0, b_size = 0, bytes, chunk;
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (scanf("%15s %zu", command, &bytes) == 2) {
    if (!strcmp(command, "ping")) {
      printf("%lld\n", ping(bytes));
      continue;
    }
    resident(&a, &a_size, bytes);
    if (!strcmp(command, "lock")) {
      if (scanf("%zu", &chunk) != 1) return 3;
      printf("%lld\n", lock(a, bytes, chunk));
    } else if (!strcmp(command, "sum")) {
      long long start = now_ns();
      volatile uint32_t total = sum((const uint32_t *)a, bytes / sizeof(uint32_t));
      (void)total;
      printf("%lld\n", now_ns() - start);
    } else {
      resident(&b, &b_size, bytes);
      long long start = now_ns();
      memcpy(b, a, bytes);
      printf("%lld\n", now_ns() - start);
    }
  }
  return 0;
}
