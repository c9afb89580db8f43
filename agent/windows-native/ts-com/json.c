/* JSON as the agent writes it (RFC 8259). What is damaged ends in NULL, never behind the text's end. */
#include "ts-com.h"

static void add_escaped(struct text *text, unsigned char byte) {
  const char digits[] = "0123456789abcdef";
  char escape[] = "\\u00??";
  if (byte == '"' || byte == '\\') {
    add_ascii(text, byte == '"' ? "\\\"" : "\\\\");
    return;
  }
  escape[4] = digits[byte >> 4];
  escape[5] = digits[byte & 15];
  add_ascii(text, escape);
}

void add_json_string(struct text *text, BSTR string) {
  int units = (int)SysStringLen(string);
  int size = units == 0 ? 0 : WideCharToMultiByte(CP_UTF8, 0, string, units, NULL, 0, NULL, NULL);
  char *utf8 = HeapAlloc(GetProcessHeap(), 0, (SIZE_T)size + 1);
  if (utf8 == NULL) {
    text->failed = TRUE;
    return;
  }
  if (size > 0) WideCharToMultiByte(CP_UTF8, 0, string, units, utf8, size, NULL, NULL);
  add_ascii(text, "\"");
  for (int at = 0, from = 0; at <= size; at++) {
    unsigned char byte = at == size ? 0 : (unsigned char)utf8[at];
    if (at < size && byte >= 0x20 && byte != '"' && byte != '\\') continue;
    add_bytes(text, utf8 + from, (DWORD)(at - from));
    if (at < size) add_escaped(text, byte);
    from = at + 1;
  }
  add_ascii(text, "\"");
  SecureZeroMemory(utf8, (SIZE_T)size);
  HeapFree(GetProcessHeap(), 0, utf8);
}

void add_json_number(struct text *text, LONG number) {
  char reversed[10];
  int count = 0;
  for (LONG rest = number < 0 ? 0 : number; count == 0 || rest > 0; rest /= 10)
    reversed[count++] = (char)('0' + rest % 10);
  while (count > 0) add_bytes(text, &reversed[--count], 1);
}

static const char *skip_blanks(const char *at) {
  while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') at++;
  return at;
}

/* Behind the string that begins at `at`, or NULL. */
static const char *skip_string(const char *at) {
  for (at++; *at != 0 && *at != '"'; at++)
    if (*at == '\\' && *++at == 0) return NULL;
  return *at == 0 ? NULL : at + 1;
}

/* Behind the value that begins at `at`, or NULL. Depth is counted and not kept: nothing calls itself. */
static const char *skip_value(const char *at) {
  int depth = 0;
  do {
    at = skip_blanks(at);
    switch (*at) {
      case 0:
        return NULL;
      case '"':
        at = skip_string(at);
        if (at == NULL) return NULL;
        break;
      case '{':
      case '[':
        depth++;
        at++;
        break;
      case '}':
      case ']':
        depth--;
        at++;
        break;
      case ',':
      case ':':
        at++;
        break;
      default: /* a number or a word */
        while (*at != 0 && *at != ',' && *at != '}' && *at != ']' && *at > ' ') at++;
    }
  } while (depth > 0);
  return at;
}

BOOL json_is(const char *value, const char *ascii) {
  if (value == NULL || *value != '"') return FALSE;
  for (value++; *ascii != 0; value++, ascii++)
    if (*value != *ascii) return FALSE;
  return *value == '"';
}

const char *json_field(const char *object, const char *name) {
  const char *at = skip_blanks(object);
  if (*at++ != '{') return NULL;
  for (;;) {
    at = skip_blanks(at);
    if (*at != '"') return NULL;
    BOOL found = json_is(at, name);
    at = skip_string(at);
    if (at == NULL) return NULL;
    at = skip_blanks(at);
    if (*at++ != ':') return NULL;
    at = skip_blanks(at);
    if (found) return at;
    at = skip_value(at);
    if (at == NULL) return NULL;
    at = skip_blanks(at);
    if (*at++ != ',') return NULL;
  }
}

const char *json_first(const char *array) {
  if (array == NULL || *array != '[') return NULL;
  const char *at = skip_blanks(array + 1);
  return *at == ']' || *at == 0 ? NULL : at;
}

const char *json_next(const char *value) {
  const char *at = skip_value(value);
  if (at == NULL) return NULL;
  at = skip_blanks(at);
  return *at == ',' ? skip_blanks(at + 1) : NULL;
}

static int hex_digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  char lower = (char)(character | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The character of an escape whose letter is at `*at`, which moves behind it; -1 for none. */
static int unescape(const char **at) {
  char letter = *(*at)++;
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'u': {
      int unit = 0;
      for (int digit = 0; digit < 4; digit++) {
        int value = hex_digit(**at);
        if (value < 0) return -1;
        unit = unit * 16 + value;
        (*at)++;
      }
      return unit;
    }
    default:
      return letter == '"' || letter == '\\' || letter == '/' ? letter : -1;
  }
}

BSTR json_string(const char *value) {
  if (value == NULL || *value != '"') return NULL;
  const char *end = skip_string(value);
  if (end == NULL) return NULL;
  /* A UTF-16 text has no more units than its UTF-8 form has bytes. */
  BSTR string = SysAllocStringLen(NULL, (UINT)(end - value));
  if (string == NULL) return NULL;
  UINT length = 0;
  const char *last = end - 1;
  for (const char *at = value + 1; at < last;) {
    if (*at == '\\') {
      at++;
      int unit = unescape(&at);
      if (unit < 0) break;
      string[length++] = (WCHAR)unit;
      continue;
    }
    const char *from = at;
    while (at < last && *at != '\\') at++;
    length += (UINT)MultiByteToWideChar(CP_UTF8, 0, from, (int)(at - from), string + length,
                                        (int)(end - value) - (int)length);
  }
  BSTR exact = SysAllocStringLen(string, length);
  SecureZeroMemory(string, SysStringByteLen(string));
  SysFreeString(string);
  return exact;
}
