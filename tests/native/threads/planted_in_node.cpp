// A mistake that is made as soon as Node.js loads it: shows that AddressSanitizer is in force there.

namespace {

int beyond_the_end() {
  int* numbers = new int[10];
  volatile int index = 10;
  const int number = numbers[index];
  delete[] numbers;
  return number;
}

[[maybe_unused]] const volatile int made = beyond_the_end();

}  // namespace
