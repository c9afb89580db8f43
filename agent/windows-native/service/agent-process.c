/*
 * The agent in a job of its own. What the agent starts is in the job too: after a crash it is ended before the
 * agent starts again, because no command of a step may run twice at once. After a regular end it is left
 * alone: a step may leave something running.
 */
#include "service.h"

#define AGENT_PROGRAM L"metalwright-agent.exe"
/* An agent that this program ended says so by its exit code (winerror.h). */
#define ENDED_BY_SERVICE ERROR_PROCESS_ABORTED

static BOOL limit_job(HANDLE job, DWORD flags) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = flags;
  return SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
}

/* Starts it suspended, in the job; NULL when it cannot be. */
static HANDLE start_agent(HANDLE job, HANDLE output, HANDLE input) {
  static WCHAR program[PATH_UNITS];
  WCHAR words[] = L"\"" AGENT_PROGRAM L"\"";
  STARTUPINFOW startup = {.cb = sizeof startup,
                          .dwFlags = STARTF_USESTDHANDLES,
                          .hStdInput = input,
                          .hStdOutput = output,
                          .hStdError = output};
  PROCESS_INFORMATION process;
  own_file(program, AGENT_PROGRAM);
  if (!CreateProcessW(program, words, NULL, NULL, TRUE, CREATE_SUSPENDED | CREATE_NO_WINDOW, NULL,
                      own_folder(), &startup, &process)) {
    log_number("metalwright-agent.exe could not be started: error ", GetLastError(), "");
    return NULL;
  }
  if (!AssignProcessToJobObject(job, process.hProcess))
    log_number("the agent has no job: error ", GetLastError(), "");
  ResumeThread(process.hThread);
  CloseHandle(process.hThread);
  return process.hProcess;
}

static enum agent_end wait_for_end(HANDLE agent, HANDLE job, HANDLE stop) {
  HANDLE either[] = {agent, stop};
  if (WaitForMultipleObjects(2, either, FALSE, INFINITE) != WAIT_OBJECT_0) {
    log_line("stopping: the agent is ended");
    TerminateJobObject(job, ENDED_BY_SERVICE);
    TerminateProcess(agent, ENDED_BY_SERVICE); /* where it has no job */
    WaitForSingleObject(agent, INFINITE);
    return AGENT_STOPPED;
  }
  DWORD code;
  if (!GetExitCodeProcess(agent, &code)) code = ENDED_BY_SERVICE;
  log_number("the agent ended with ", code, "");
  if (code == 0 || code == 1) {
    limit_job(job, 0); /* what it left running stays */
    return AGENT_DONE;
  }
  TerminateJobObject(job, ENDED_BY_SERVICE);
  return AGENT_CRASHED;
}

enum agent_end run_agent(HANDLE stop) {
  enum agent_end end = AGENT_CRASHED;
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  HANDLE job = CreateJobObjectW(NULL, NULL);
  HANDLE output = open_log(L"metalwright-agent.out.log", TRUE);
  HANDLE input = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                             OPEN_EXISTING, 0, NULL);
  limit_job(job, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_BREAKAWAY_OK);
  HANDLE agent = start_agent(job, output, input);
  if (agent != NULL) {
    end = wait_for_end(agent, job, stop);
    CloseHandle(agent);
  }
  CloseHandle(input);
  if (output != INVALID_HANDLE_VALUE) CloseHandle(output);
  CloseHandle(job);
  return end;
}
