/*
 * Asks the lab on the Linux side, by TCP on loopback, at the port of LAB_STAND_IN_PORT. A request is a length and
 * fields of UTF-8 with a 0 after each; the answer is frames of two numbers: 1 and a length, with that much
 * output behind it, then 0 and an exit code.
 */
#define WIN32_LEAN_AND_MEAN
#define UNICODE
#include <winsock2.h>
#include <windows.h>

#define ERROR_LAB_IS_GONE ERROR_CONNECTION_REFUSED

struct request {
  char *bytes;
  DWORD length, room;
};

static void put_bytes(struct request *request, const void *bytes, DWORD count) {
  if (request->length + count > request->room) {
    request->room = (request->length + count) * 2 + 1024;
    char *grown = HeapAlloc(GetProcessHeap(), 0, request->room);
    memcpy(grown, request->bytes, request->length);
    if (request->bytes != NULL) HeapFree(GetProcessHeap(), 0, request->bytes);
    request->bytes = grown;
  }
  memcpy(request->bytes + request->length, bytes, count);
  request->length += count;
}

static void put_ascii(struct request *request, const char *text) {
  put_bytes(request, text, (DWORD)lstrlenA(text) + 1);
}

static void put_wide(struct request *request, const WCHAR *text) {
  int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
  char *utf8 = HeapAlloc(GetProcessHeap(), 0, (SIZE_T)size);
  WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, size, NULL, NULL);
  put_bytes(request, utf8, (DWORD)size);
  HeapFree(GetProcessHeap(), 0, utf8);
}

static void put_hex(struct request *request, const BYTE *bytes, DWORD count) {
  const char digits[] = "0123456789abcdef";
  for (DWORD at = 0; at < count; at++) {
    char pair[] = {digits[bytes[at] >> 4], digits[bytes[at] & 15]};
    put_bytes(request, pair, 2);
  }
  put_bytes(request, "", 1);
}

static BOOL transfer(SOCKET lab, void *bytes, DWORD count, BOOL sending) {
  for (DWORD at = 0; at < count;) {
    char *next = (char *)bytes + at;
    int done = sending ? send(lab, next, (int)(count - at), 0) : recv(lab, next, (int)(count - at), 0);
    if (done <= 0) return FALSE;
    at += (DWORD)done;
  }
  return TRUE;
}

static SOCKET connect_to_lab(void) {
  WCHAR text[16];
  WSADATA data;
  DWORD port = 0;
  if (GetEnvironmentVariableW(L"LAB_STAND_IN_PORT", text, 16) == 0) return INVALID_SOCKET;
  for (const WCHAR *digit = text; *digit != 0; digit++) port = port * 10 + (*digit - L'0');
  WSAStartup(MAKEWORD(2, 2), &data);
  SOCKET lab = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = (USHORT)((port << 8 & 0xff00) | (port >> 8 & 0xff))};
  address.sin_addr.s_addr = 0x0100007f;
  if (connect(lab, (struct sockaddr *)&address, sizeof address) == 0) return lab;
  closesocket(lab);
  return INVALID_SOCKET;
}

/* Sends the request and frees it; `output` gets each piece. Returns the exit code. */
static DWORD ask_lab(struct request *request, void (*output)(void *, const BYTE *, DWORD), void *to) {
  DWORD frame[2], code = ERROR_LAB_IS_GONE;
  static BYTE piece[65536];
  SOCKET lab = connect_to_lab();
  if (lab != INVALID_SOCKET) {
    BOOL open = transfer(lab, &request->length, 4, TRUE) &&
                transfer(lab, request->bytes, request->length, TRUE);
    while (open && transfer(lab, frame, sizeof frame, FALSE)) {
      if (frame[0] == 0) {
        code = frame[1];
        break;
      }
      while (frame[1] > 0) {
        DWORD some = frame[1] < sizeof piece ? frame[1] : sizeof piece;
        open = transfer(lab, piece, some, FALSE);
        if (!open) break;
        output(to, piece, some);
        frame[1] -= some;
      }
    }
    closesocket(lab);
  }
  HeapFree(GetProcessHeap(), 0, request->bytes);
  return code;
}
