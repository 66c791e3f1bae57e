// A mistake that is made as soon as Node.js loads it: shows that AddressSanitizer is in force there.

namespace {

int beyond_the_end() {
  // Volatile, or UndefinedBehaviorSanitizer knows the size and is first.
  int* volatile numbers = new int[10];
  const int number = numbers[10];
  delete[] numbers;
  return number;
}

[[maybe_unused]] const volatile int made = beyond_the_end();

}  // namespace
