/*
 * Stands for the agent in tests of the service: takes the next character of `ends.txt` in its working folder
 * and ends with that digit as its code. `s` stays for a minute, as does a child that it starts.
 */
#define WIN32_LEAN_AND_MEAN
#define UNICODE
#include <windows.h>

static void say(const char *text) {
  DWORD written;
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, (DWORD)lstrlenA(text), &written, NULL);
}

void entry(void) {
  char ends[32] = {0};
  DWORD count = 0;
  HANDLE file = CreateFileW(L"ends.txt", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
  ReadFile(file, ends, sizeof ends - 1, &count, NULL);
  SetFilePointer(file, 0, NULL, FILE_BEGIN);
  if (count > 1) WriteFile(file, ends + 1, count - 1, &count, NULL);
  SetEndOfFile(file);
  CloseHandle(file);
  char line[] = "agent: ?\r\n";
  line[7] = ends[0] == 0 ? '-' : ends[0];
  say(line);
  if (ends[0] != 's') ExitProcess(ends[0] == 0 ? 9 : (UINT)(ends[0] - '0'));
  WCHAR child[] = L"ping.exe -n 60 127.0.0.1";
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION process;
  if (!CreateProcessW(NULL, child, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) ExitProcess(8);
  Sleep(60000);
  ExitProcess(7);
}
