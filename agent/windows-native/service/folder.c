#include "service.h"

/* A log that goes on over years of restarts does not fill the disk. */
#define LOG_BYTES (1024 * 1024)

static WCHAR folder[PATH_UNITS];

BOOL find_own_folder(void) {
  DWORD length = GetModuleFileNameW(NULL, folder, PATH_UNITS);
  if (length == 0 || length >= PATH_UNITS) return FALSE;
  while (length > 0 && folder[length - 1] != L'\\') length--;
  if (length == 0) return FALSE;
  folder[length] = 0;
  return TRUE;
}

const WCHAR *own_folder(void) { return folder; }

void own_file(WCHAR *path, const WCHAR *file) {
  if (lstrlenW(folder) + lstrlenW(file) >= PATH_UNITS) {
    path[0] = 0;
    return;
  }
  lstrcpyW(path, folder);
  lstrcatW(path, file);
}

BOOL own_file_exists(const WCHAR *file) {
  static WCHAR path[PATH_UNITS];
  own_file(path, file);
  DWORD attributes = GetFileAttributesW(path);
  return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

HANDLE open_log(const WCHAR *file, BOOL inheritable) {
  static WCHAR path[PATH_UNITS], old[PATH_UNITS];
  SECURITY_ATTRIBUTES security = {sizeof security, NULL, inheritable};
  own_file(path, file);
  own_file(old, file);
  if (lstrlenW(old) + 4 < PATH_UNITS) lstrcatW(old, L".old");
  for (int turn = 0;; turn++) {
    HANDLE log = CreateFileW(path, FILE_APPEND_DATA | SYNCHRONIZE,
                             FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &security,
                             OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    LARGE_INTEGER size;
    if (log == INVALID_HANDLE_VALUE || turn > 0) return log;
    /* FILE_APPEND_DATA alone does not let the size be asked of the handle on every system. */
    WIN32_FILE_ATTRIBUTE_DATA data;
    if (!GetFileAttributesExW(path, GetFileExInfoStandard, &data)) return log;
    size.HighPart = (LONG)data.nFileSizeHigh;
    size.LowPart = data.nFileSizeLow;
    if (size.QuadPart < LOG_BYTES) return log;
    CloseHandle(log);
    MoveFileExW(path, old, MOVEFILE_REPLACE_EXISTING);
  }
}
