#include "service.h"

#define LONGEST_DELAY_MS (5 * 60 * 1000)
/* An agent that ran so long has got somewhere: its crash is counted as the first one. */
#define LONG_RUN_MS (10 * 60 * 1000)

/* Windows ends programs while it shuts down: that is no crash, and nothing is to be started any more. */
static BOOL shutting_down(void) { return GetSystemMetrics(SM_SHUTTINGDOWN) != 0; }

DWORD supervise(HANDLE stop, struct restart_rule rule) {
  log_line("started");
  if (!wait_for_setup(stop)) return 0;
  DWORD delay = rule.delay_ms;
  for (DWORD crashes = 0;;) {
    ULONGLONG began = GetTickCount64();
    log_line("starting the agent");
    if (run_agent(stop) != AGENT_CRASHED) return 0;
    if (GetTickCount64() - began >= LONG_RUN_MS) {
      crashes = 0;
      delay = rule.delay_ms;
    }
    if (++crashes >= rule.limit) {
      log_number("giving up after ", crashes, " crashes in a row; the next start of Windows tries again");
      return ERROR_PROCESS_ABORTED;
    }
    log_number("the agent starts again in ", delay, " ms");
    if (WaitForSingleObject(stop, delay) == WAIT_OBJECT_0) return 0;
    if (shutting_down()) {
      log_line("Windows shuts down: the agent is not started again");
      WaitForSingleObject(stop, INFINITE);
      return 0;
    }
    delay = delay > LONGEST_DELAY_MS / 2 ? LONGEST_DELAY_MS : delay * 2;
  }
}
