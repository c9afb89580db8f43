#include "ts-com.h"

void add_bytes(struct text *text, const char *bytes, DWORD count) {
  if (text->failed) return;
  if (text->length + count + 1 > text->room) {
    DWORD room = (text->length + count + 1) * 2;
    char *grown = text->bytes == NULL ? HeapAlloc(GetProcessHeap(), 0, room)
                                      : HeapReAlloc(GetProcessHeap(), 0, text->bytes, room);
    if (grown == NULL) {
      text->failed = TRUE;
      return;
    }
    text->bytes = grown;
    text->room = room;
  }
  memcpy(text->bytes + text->length, bytes, count);
  text->length += count;
  text->bytes[text->length] = 0;
}

void add_ascii(struct text *text, const char *ascii) {
  add_bytes(text, ascii, (DWORD)lstrlenA(ascii));
}

void free_text(struct text *text) {
  if (text->bytes == NULL) return;
  /* The value of a secret may be in it. */
  SecureZeroMemory(text->bytes, text->room);
  HeapFree(GetProcessHeap(), 0, text->bytes);
}
