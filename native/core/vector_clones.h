// Functions that are worth compiling twice.
#pragma once

/// Before a function's definition: compiled for AVX2 too, and that one taken where the machine has
/// it. Not under the sanitizers: they cannot instrument the resolver.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(PINLAB_SANITIZE)
#define PINLAB_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define PINLAB_VECTOR_CLONES
#endif
