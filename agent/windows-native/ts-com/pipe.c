#include "ts-com.h"

/* As the agent's own client waits (ask.ts): a busy agent answers in far less. */
#define TIMEOUT_MS 30000
/* The longest answer that is read: a list of many thousand names. */
#define MAX_ANSWER_BYTES (16 * 1024 * 1024)
#define ADDRESS_UNITS 512

static DWORD read_address(WCHAR *address) {
  DWORD length = GetEnvironmentVariableW(L"METALWRIGHT_TS", address, ADDRESS_UNITS);
  return length < ADDRESS_UNITS ? length : 0;
}

BOOL agent_is_named(void) {
  WCHAR address[ADDRESS_UNITS];
  return read_address(address) > 0;
}

static HANDLE open_pipe(void) {
  WCHAR address[ADDRESS_UNITS];
  if (read_address(address) == 0) return INVALID_HANDLE_VALUE;
  for (ULONGLONG end = GetTickCount64() + TIMEOUT_MS;;) {
    /* Identification: the server of a pipe must not act as who asks it. */
    HANDLE pipe = CreateFileW(address, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                              FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
    if (pipe != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY) return pipe;
    if (GetTickCount64() > end) return INVALID_HANDLE_VALUE;
    WaitNamedPipeW(address, 1000);
  }
}

/* Waits for what was begun; FALSE at an error or the time-out. */
static BOOL finish(HANDLE pipe, OVERLAPPED *begun, BOOL done, DWORD *count) {
  if (!done && GetLastError() != ERROR_IO_PENDING) return FALSE;
  if (WaitForSingleObject(begun->hEvent, TIMEOUT_MS) != WAIT_OBJECT_0) {
    CancelIo(pipe);
    GetOverlappedResult(pipe, begun, count, TRUE); /* until it no longer writes into our memory */
    return FALSE;
  }
  return GetOverlappedResult(pipe, begun, count, TRUE);
}

static BOOL write_all(HANDLE pipe, HANDLE event, const struct text *request) {
  for (DWORD at = 0, count; at < request->length; at += count) {
    OVERLAPPED begun = {.hEvent = event};
    BOOL done = WriteFile(pipe, request->bytes + at, request->length - at, NULL, &begun);
    if (!finish(pipe, &begun, done, &count) || count == 0) return FALSE;
  }
  return TRUE;
}

static BOOL read_line(HANDLE pipe, HANDLE event, struct text *answer) {
  char piece[1024];
  for (;;) {
    DWORD count;
    OVERLAPPED begun = {.hEvent = event};
    BOOL done = ReadFile(pipe, piece, sizeof piece, NULL, &begun);
    if (!finish(pipe, &begun, done, &count) || count == 0) return FALSE;
    add_bytes(answer, piece, count);
    if (answer->failed || answer->length > MAX_ANSWER_BYTES) return FALSE;
    if (piece[count - 1] == '\n') return TRUE;
  }
}

HRESULT ask_agent(const struct text *request, struct text *answer) {
  if (request->failed) return E_OUTOFMEMORY;
  HANDLE pipe = open_pipe();
  if (pipe == INVALID_HANDLE_VALUE) return HRESULT_FROM_WIN32(ERROR_PIPE_NOT_CONNECTED);
  HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
  BOOL answered =
      event != NULL && write_all(pipe, event, request) && read_line(pipe, event, answer);
  if (event != NULL) CloseHandle(event);
  CloseHandle(pipe);
  if (answered) return S_OK;
  return answer->failed ? E_OUTOFMEMORY : HRESULT_FROM_WIN32(ERROR_NO_DATA);
}
