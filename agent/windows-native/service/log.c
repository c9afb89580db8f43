#include "service.h"

#define LINE_BYTES 512

static int append(char *line, int at, const char *text) {
  while (*text != 0 && at < LINE_BYTES - 2) line[at++] = *text++;
  return at;
}

static int append_number(char *line, int at, DWORD number, int digits) {
  char reversed[10];
  int count = 0;
  do {
    reversed[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0 || count < digits);
  while (count > 0 && at < LINE_BYTES - 2) line[at++] = reversed[--count];
  return at;
}

/* `2026-11-27T14:05:09Z `: UTC, because the time zone changes while Windows is set up. */
static int append_time(char *line) {
  SYSTEMTIME now;
  GetSystemTime(&now);
  int at = append_number(line, 0, now.wYear, 4);
  const struct {
    const char *before;
    WORD number;
  } parts[] = {{"-", now.wMonth}, {"-", now.wDay},    {"T", now.wHour},
               {":", now.wMinute}, {":", now.wSecond}};
  for (unsigned part = 0; part < sizeof parts / sizeof *parts; part++) {
    at = append(line, at, parts[part].before);
    at = append_number(line, at, parts[part].number, 2);
  }
  return append(line, at, "Z ");
}

static void write_line(char *line, int length) {
  line[length++] = '\r';
  line[length++] = '\n';
  HANDLE log = open_log(L"metalwright-service.log", FALSE);
  if (log == INVALID_HANDLE_VALUE) return; /* a full disk keeps nobody from starting the agent */
  DWORD written;
  WriteFile(log, line, (DWORD)length, &written, NULL);
  CloseHandle(log);
}

void log_line(const char *text) {
  char line[LINE_BYTES];
  write_line(line, append(line, append_time(line), text));
}

void log_number(const char *before, DWORD number, const char *after) {
  char line[LINE_BYTES];
  int at = append(line, append_time(line), before);
  at = append_number(line, at, number, 1);
  write_line(line, append(line, at, after));
}
