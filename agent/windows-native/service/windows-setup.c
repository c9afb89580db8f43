/*
 * When Windows Setup is over. HKLM\SYSTEM\Setup has SystemSetupInProgress while Setup runs its passes and
 * OOBEInProgress while the first start asks its questions; each is set before the other is cleared. The
 * file `setup-complete` beside this program says the same without them.
 */
#include "service.h"

#define POLL_MS 1000
/* So often in a row: a moment between the passes is not the end. */
#define QUIET_POLLS 3

/* TRUE when the value is a number other than 0; a missing one is 0. */
static BOOL in_progress(const WCHAR *name) {
  DWORD value = 0, size = sizeof value;
  LSTATUS status = RegGetValueW(HKEY_LOCAL_MACHINE, L"SYSTEM\\Setup", name, RRF_RT_REG_DWORD, NULL,
                                &value, &size);
  return status == ERROR_SUCCESS && value != 0;
}

BOOL wait_for_setup(HANDLE stop) {
  BOOL told = FALSE;
  for (int quiet = 0;;) {
    if (own_file_exists(L"setup-complete")) {
      log_line("setup-complete is there");
      return TRUE;
    }
    BOOL running = in_progress(L"SystemSetupInProgress") || in_progress(L"OOBEInProgress");
    quiet = running ? 0 : quiet + 1;
    if (quiet >= QUIET_POLLS) return TRUE;
    if (running && !told) {
      log_line("Windows Setup runs: waiting for its end");
      told = TRUE;
    }
    if (WaitForSingleObject(stop, POLL_MS) == WAIT_OBJECT_0) return FALSE;
  }
}
