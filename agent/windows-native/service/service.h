/* The parts of metalwright-service.exe. Paths and texts are UTF-16, files of text UTF-8. */
#pragma once
#define WIN32_LEAN_AND_MEAN
#define UNICODE
#include <windows.h>

/* The longest path there is, in UTF-16 units (CreateFileW, "Maximum Path Length Limitation"). */
#define PATH_UNITS 32768

#define SERVICE_NAME L"MetalwrightAgent"

/* folder.c: the folder this program lies in. */
BOOL find_own_folder(void);
/* `file` in that folder, in a buffer of the caller's with PATH_UNITS. Empty when it does not fit. */
void own_file(WCHAR *path, const WCHAR *file);
const WCHAR *own_folder(void);
BOOL own_file_exists(const WCHAR *file);
/* Opens a file of that folder for appending, readable by others meanwhile; a large one becomes `.old`. */
HANDLE open_log(const WCHAR *file, BOOL inheritable);

/* log.c: what this program itself did, in metalwright-service.log beside it. */
void log_line(const char *text);
void log_number(const char *before, DWORD number, const char *after);

/* windows-setup.c: returns TRUE when Windows Setup is over, FALSE when `stop` was set first. */
BOOL wait_for_setup(HANDLE stop);

/* agent-process.c: one start of the agent, to its end. */
enum agent_end {
  AGENT_DONE,     /* ended with 0 or 1: the run is over, or there is none */
  AGENT_CRASHED,  /* ended with 2 or another code, was killed, or could not be started */
  AGENT_STOPPED,  /* `stop` was set, and the agent and what it had started were ended */
};
enum agent_end run_agent(HANDLE stop);

/* supervise.c */
struct restart_rule {
  /* Pause before the first restart; it doubles with each further one, to five minutes at most. */
  DWORD delay_ms;
  /* Crashes in a row after which it gives up. */
  DWORD limit;
};
/* Waits for Setup, then keeps the agent running. Returns 0, or ERROR_PROCESS_ABORTED when it gave up. */
DWORD supervise(HANDLE stop, struct restart_rule rule);
