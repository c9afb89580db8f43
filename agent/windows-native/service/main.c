/*
 * metalwright-service.exe: the Windows service MetalwrightAgent. It keeps metalwright-agent.exe beside it running
 * from the end of Windows Setup to the end of the run. A program of Node cannot be a service itself: the
 * service control manager ends what does not answer it.
 *
 *   metalwright-service.exe [--console] [--restart-delay MS] [--restart-limit N]
 *
 * `--console` does the same without the service control manager, until Ctrl+C.
 */
#include "service.h"

static HANDLE stop;
static struct restart_rule rule = {.delay_ms = 5000, .limit = 10};
static SERVICE_STATUS_HANDLE status_handle;

static void tell_status(DWORD state, DWORD specific_error) {
  SERVICE_STATUS status = {
      .dwServiceType = SERVICE_WIN32_OWN_PROCESS,
      .dwCurrentState = state,
      .dwControlsAccepted =
          state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0,
      .dwWin32ExitCode = specific_error == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR,
      .dwServiceSpecificExitCode = specific_error,
      .dwWaitHint = state == SERVICE_STOP_PENDING ? 10000 : 0,
  };
  SetServiceStatus(status_handle, &status);
}

static DWORD WINAPI on_control(DWORD control, DWORD type, void *data, void *context) {
  (void)type, (void)data, (void)context;
  switch (control) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_SHUTDOWN:
      tell_status(SERVICE_STOP_PENDING, 0);
      SetEvent(stop);
      return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE:
      return NO_ERROR;
    default:
      return ERROR_CALL_NOT_IMPLEMENTED;
  }
}

static void WINAPI service_main(DWORD count, WCHAR **words) {
  (void)count, (void)words;
  status_handle = RegisterServiceCtrlHandlerExW(SERVICE_NAME, on_control, NULL);
  if (status_handle == NULL) return;
  tell_status(SERVICE_RUNNING, 0);
  tell_status(SERVICE_STOPPED, supervise(stop, rule));
}

static BOOL WINAPI on_console_event(DWORD event) {
  (void)event;
  SetEvent(stop);
  return TRUE;
}

/* A decimal number of 1 to 9 digits; 0 for anything else. */
static DWORD number_of(const WCHAR *text) {
  DWORD number = 0;
  for (int digits = 0; *text != 0; text++, digits++) {
    if (*text < L'0' || *text > L'9' || digits == 9) return 0;
    number = number * 10 + (DWORD)(*text - L'0');
  }
  return number;
}

/* The next word of a command line, at most `units` long, without its quotation marks; FALSE at its end. */
static BOOL next_word(const WCHAR **line, WCHAR *word, int units) {
  const WCHAR *at = *line;
  int length = 0;
  while (*at == L' ' || *at == L'\t') at++;
  if (*at == 0) return FALSE;
  for (BOOL quoted = FALSE; *at != 0 && (quoted || (*at != L' ' && *at != L'\t')); at++)
    if (*at == L'"') quoted = !quoted;
    else if (length < units - 1) word[length++] = *at;
  word[length] = 0;
  *line = at;
  return TRUE;
}

/* FALSE where the command line has a word that is not known. */
static BOOL read_options(BOOL *console) {
  static WCHAR word[PATH_UNITS];
  const WCHAR *line = GetCommandLineW();
  next_word(&line, word, PATH_UNITS); /* the program */
  while (next_word(&line, word, PATH_UNITS)) {
    if (lstrcmpW(word, L"--console") == 0) {
      *console = TRUE;
      continue;
    }
    DWORD *number = lstrcmpW(word, L"--restart-delay") == 0   ? &rule.delay_ms
                    : lstrcmpW(word, L"--restart-limit") == 0 ? &rule.limit
                                                              : NULL;
    if (number == NULL || !next_word(&line, word, PATH_UNITS)) return FALSE;
    *number = number_of(word);
    if (*number == 0) return FALSE;
  }
  return TRUE;
}

/* The program's entry, called without any C runtime before it. */
void entry(void) {
  BOOL console = FALSE;
  if (!find_own_folder()) ExitProcess(ERROR_BAD_PATHNAME);
  if (!read_options(&console)) {
    log_line("the command line has a word that is not known");
    ExitProcess(ERROR_BAD_ARGUMENTS);
  }
  stop = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (stop == NULL) ExitProcess(GetLastError());
  if (console) {
    SetConsoleCtrlHandler(on_console_event, TRUE);
    ExitProcess(supervise(stop, rule));
  }
  const SERVICE_TABLE_ENTRYW table[] = {{(WCHAR *)SERVICE_NAME, service_main}, {NULL, NULL}};
  if (StartServiceCtrlDispatcherW(table)) ExitProcess(0);
  DWORD error = GetLastError();
  log_number("no service control manager started this, --console runs it without one: error ", error, "");
  ExitProcess(error);
}
