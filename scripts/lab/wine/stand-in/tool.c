/*
 * Stands for a tool of Windows: copied under each tool's name. Tells the lab its name, command line, folder, and the
 * files that its words name; prints what the lab answers, and ends as the lab says.
 */
#include "../../../../agent/windows-native/memory.c"
#include "ask.c"

#define MAX_FILE_BYTES (1024 * 1024)

static void print(void *to, const BYTE *bytes, DWORD count) {
  DWORD written;
  WriteFile(to, bytes, count, &written, NULL);
}

static void put_content(struct request *request, HANDLE from) {
  static BYTE bytes[MAX_FILE_BYTES];
  DWORD length = 0, count;
  while (length < MAX_FILE_BYTES && ReadFile(from, bytes + length, MAX_FILE_BYTES - length, &count, NULL) && count > 0)
    length += count;
  put_hex(request, bytes, length);
}

static void put_file(struct request *request, const WCHAR *path) {
  DWORD attributes = GetFileAttributesW(path);
  if (attributes == INVALID_FILE_ATTRIBUTES || (attributes & FILE_ATTRIBUTE_DIRECTORY)) return;
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                            OPEN_EXISTING, 0, NULL);
  LARGE_INTEGER size;
  if (file == INVALID_HANDLE_VALUE) return;
  if (GetFileSizeEx(file, &size) && size.QuadPart <= MAX_FILE_BYTES) {
    put_wide(request, path);
    put_content(request, file);
  }
  CloseHandle(file);
}

/* Each word of the command line that names a file, also behind a colon as in `/ImageFile:C:\x.wim`. */
static void put_files(struct request *request, const WCHAR *line) {
  static WCHAR word[32768];
  while (*line != 0) {
    int length = 0;
    while (*line == L' ') line++;
    for (BOOL quoted = FALSE; *line != 0 && (quoted || *line != L' '); line++)
      if (*line == L'"') quoted = !quoted;
      else if (length < 32767) word[length++] = *line;
    word[length] = 0;
    if (length > 0) put_file(request, word);
  }
}

/* LAB!: Wine's own program of that name is to do it. */
#define DELEGATE 0x4c414221

static BOOL has(const WCHAR *line, const WCHAR *part) {
  int length = lstrlenW(part);
  for (; *line != 0; line++)
    if (CompareStringW(LOCALE_INVARIANT, 0, line, length, part, length) == CSTR_EQUAL) return TRUE;
  return FALSE;
}

static DWORD delegate(const WCHAR *name) {
  static WCHAR path[32768];
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION process;
  DWORD code = ERROR_FILE_NOT_FOUND;
  GetSystemDirectoryW(path, 32000);
  lstrcatW(path, L"\\");
  lstrcatW(path, name);
  if (!CreateProcessW(path, GetCommandLineW(), NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) return code;
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &code);
  return code;
}

void entry(void) {
  static WCHAR path[32768], folder[32768];
  struct request request = {0};
  DWORD length = GetModuleFileNameW(NULL, path, 32768);
  while (length > 0 && path[length - 1] != L'\\') length--;
  /* Nearly all calls of reg are on keys of Wine. */
  if (lstrcmpiW(path + length, L"reg.exe") == 0 && !has(GetCommandLineW(), L"METALWRIGHT_"))
    ExitProcess(delegate(path + length));
  GetCurrentDirectoryW(32768, folder);
  put_ascii(&request, "tool");
  put_wide(&request, path + length);
  put_wide(&request, GetCommandLineW());
  put_wide(&request, folder);
  HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
  if (GetFileType(input) == FILE_TYPE_PIPE) {
    put_ascii(&request, "<stdin>");
    put_content(&request, input);
  }
  put_files(&request, GetCommandLineW());
  DWORD code = ask_lab(&request, print, GetStdHandle(STD_OUTPUT_HANDLE));
  ExitProcess(code == DELEGATE ? delegate(path + length) : code);
}
