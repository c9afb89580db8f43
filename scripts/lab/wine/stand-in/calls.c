/*
 * Stands for those calls of kernel32 that see disks and volumes, which Wine has none of: the agent's
 * METALWRIGHT_LAB_CALLS names this library. All other calls are forwarded to kernel32 (calls.def). Each answer
 * comes of the lab, laid out as the drivers of Windows lay it out.
 */
#include "../../../../agent/windows-native/memory.c"
#include "ask.c"

/* Handles of devices; those of Windows are small multiples of 4. */
#define FIRST_HANDLE 0x4c000000u
#define MAX_HANDLES 64

struct answer {
  BYTE bytes[65536];
  DWORD length;
};

static WCHAR devices[MAX_HANDLES][256];

static void keep(void *to, const BYTE *bytes, DWORD count) {
  struct answer *answer = to;
  if (answer->length + count > sizeof answer->bytes) return;
  memcpy(answer->bytes + answer->length, bytes, count);
  answer->length += count;
}

/* TRUE with an answer, or FALSE with the last error set. `first` and `second` are optional. */
static BOOL ask(const char *what, const WCHAR *first, const WCHAR *second, struct answer *answer) {
  struct request request = {0};
  answer->length = 0;
  put_ascii(&request, what);
  if (first != NULL) put_wide(&request, first);
  if (second != NULL) put_wide(&request, second);
  DWORD code = ask_lab(&request, keep, answer);
  SetLastError(code);
  return code == 0;
}

/* The answer's UTF-8 as UTF-16, with the 0 behind each text; returns how many units there are. */
static DWORD widen(const struct answer *answer, WCHAR *text, DWORD units) {
  return (DWORD)MultiByteToWideChar(CP_UTF8, 0, (const char *)answer->bytes, (int)answer->length, text, (int)units);
}

static struct answer volumes;
static WCHAR volume_names[8192];
static const WCHAR *next_volume;

BOOL WINAPI LabFindNextVolumeW(HANDLE search, WCHAR *name, DWORD units) {
  (void)search;
  if (*next_volume == 0) {
    SetLastError(ERROR_NO_MORE_FILES);
    return FALSE;
  }
  lstrcpynW(name, next_volume, (int)units);
  next_volume += lstrlenW(next_volume) + 1;
  return TRUE;
}

HANDLE WINAPI LabFindFirstVolumeW(WCHAR *name, DWORD units) {
  if (!ask("volumes", NULL, NULL, &volumes)) return INVALID_HANDLE_VALUE;
  volume_names[widen(&volumes, volume_names, 8190)] = 0;
  next_volume = volume_names;
  if (LabFindNextVolumeW(NULL, name, units)) return (HANDLE)1;
  SetLastError(ERROR_NO_MORE_FILES);
  return INVALID_HANDLE_VALUE;
}

BOOL WINAPI LabFindVolumeClose(HANDLE search) {
  (void)search;
  return TRUE;
}

static struct answer scratch;

BOOL WINAPI LabGetVolumePathNamesForVolumeNameW(const WCHAR *volume, WCHAR *names, DWORD units, DWORD *used) {
  if (!ask("mount-points", volume, NULL, &scratch)) return FALSE;
  DWORD count = widen(&scratch, names, units - 1);
  names[count] = 0;
  *used = count + 1;
  return TRUE;
}

BOOL WINAPI LabGetVolumeInformationW(const WCHAR *volume, WCHAR *label, DWORD label_units, DWORD *serial,
                                                           DWORD *longest, DWORD *flags, WCHAR *system, DWORD system_units) {
  (void)serial, (void)longest, (void)flags;
  WCHAR both[256];
  if (!ask("information", volume, NULL, &scratch)) return FALSE;
  both[widen(&scratch, both, 255)] = 0;
  lstrcpynW(system, both, (int)system_units);
  lstrcpynW(label, both + lstrlenW(both) + 1, (int)label_units);
  return TRUE;
}

BOOL WINAPI LabSetVolumeLabelW(const WCHAR *volume, const WCHAR *label) {
  return ask("set-label", volume, label, &scratch);
}

BOOL WINAPI LabSetVolumeMountPointW(const WCHAR *point, const WCHAR *volume) {
  return ask("set-mount-point", point, volume, &scratch);
}

BOOL WINAPI LabDeleteVolumeMountPointW(const WCHAR *point) {
  return ask("remove-mount-point", point, NULL, &scratch);
}

static WCHAR *device_of(HANDLE handle) {
  DWORD_PTR number = (DWORD_PTR)handle - FIRST_HANDLE;
  return number < MAX_HANDLES * 4 && devices[number / 4][0] != 0 ? devices[number / 4] : NULL;
}

HANDLE WINAPI LabCreateFileW(const WCHAR *path, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *security,
                                                   DWORD how, DWORD flags, HANDLE model) {
  BOOL is_device = path[0] == L'\\' && path[1] == L'\\' && (path[2] == L'.' || path[2] == L'?') && lstrlenW(path) < 256;
  if (!is_device) return CreateFileW(path, access, sharing, security, how, flags, model);
  /* One disk: the many numbers that there may be are not worth a question each. */
  const WCHAR drive[] = L"\\\\.\\PhysicalDrive";
  int prefix = sizeof drive / sizeof *drive - 1;
  if (CompareStringW(LOCALE_INVARIANT, NORM_IGNORECASE, path, prefix, drive, prefix) == CSTR_EQUAL &&
      lstrcmpW(path + prefix, L"0") != 0) {
    SetLastError(ERROR_FILE_NOT_FOUND);
    return INVALID_HANDLE_VALUE;
  }
  if (!ask("open", path, NULL, &scratch)) return INVALID_HANDLE_VALUE;
  for (DWORD number = 0; number < MAX_HANDLES; number++)
    if (devices[number][0] == 0) {
      lstrcpyW(devices[number], path);
      return (HANDLE)(DWORD_PTR)(FIRST_HANDLE + number * 4);
    }
  SetLastError(ERROR_TOO_MANY_OPEN_FILES);
  return INVALID_HANDLE_VALUE;
}

BOOL WINAPI LabCloseHandle(HANDLE handle) {
  WCHAR *device = device_of(handle);
  if (device == NULL) return CloseHandle(handle);
  device[0] = 0;
  return TRUE;
}

BOOL WINAPI LabFlushFileBuffers(HANDLE handle) {
  WCHAR *device = device_of(handle);
  return device == NULL ? FlushFileBuffers(handle) : ask("flush", device, NULL, &scratch);
}

BOOL WINAPI LabDeviceIoControl(HANDLE handle, DWORD code, void *input, DWORD given, void *output, DWORD room,
                                                     DWORD *used, OVERLAPPED *overlapped) {
  WCHAR *device = device_of(handle);
  if (device == NULL) return DeviceIoControl(handle, code, input, given, output, room, used, overlapped);
  struct request request = {0};
  BYTE number[] = {(BYTE)(code >> 24), (BYTE)(code >> 16), (BYTE)(code >> 8), (BYTE)code};
  put_ascii(&request, "control");
  put_wide(&request, device);
  put_hex(&request, number, 4);
  put_hex(&request, input, given);
  scratch.length = 0;
  DWORD end = ask_lab(&request, keep, &scratch);
  if (end == 0 && scratch.length > room) end = ERROR_MORE_DATA;
  SetLastError(end);
  if (end != 0) return FALSE;
  memcpy(output, scratch.bytes, scratch.length);
  *used = scratch.length;
  return TRUE;
}

UINT WINAPI LabGetSystemFirmwareTable(DWORD provider, DWORD table, void *buffer, DWORD room) {
  (void)provider, (void)table;
  if (!ask("smbios", NULL, NULL, &scratch)) return 0;
  if (scratch.length <= room) memcpy(buffer, scratch.bytes, scratch.length);
  return scratch.length;
}

BOOL WINAPI LabGetFirmwareType(DWORD *kind) {
  *kind = 2;
  return TRUE;
}

BOOL WINAPI DllMainCRTStartup(HINSTANCE library, DWORD reason, void *reserved) {
  (void)library, (void)reason, (void)reserved;
  return TRUE;
}
