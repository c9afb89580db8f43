/* What the compiler itself calls; there is no C runtime here that has it. */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size) {
  unsigned char *target = to;
  const unsigned char *source = from;
  while (size-- > 0) *target++ = *source++;
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  unsigned char *target = to;
  const unsigned char *source = from;
  if (target <= source) return memcpy(to, from, size);
  while (size-- > 0) target[size] = source[size];
  return to;
}

void *memset(void *to, int value, size_t size) {
  unsigned char *target = to;
  while (size-- > 0) *target++ = (unsigned char)value;
  return to;
}

int memcmp(const void *one, const void *other, size_t size) {
  const unsigned char *left = one, *right = other;
  for (; size > 0; size--, left++, right++)
    if (*left != *right) return *left - *right;
  return 0;
}
