/*
 * Microsoft.SMS.TSProgressUI. Nothing of it opens a window: the agent has the screen, and a service has none. What is to be
 * shown goes to the agent, into the progress of the step or its log. A question is answered as by a person who closes
 * it: cancel, no, abort.
 */
#include "ts-com.h"

/* Shows strings and numbers at these places of the arguments; -1 for none. */
static HRESULT show_arguments(struct arguments *arguments, EXCEPINFO *failure, const char *what,
                              const int places[4]) {
  struct shown shown = {.what = what};
  LONG *numbers[] = {&shown.step, &shown.steps};
  BSTR *strings[] = {&shown.title, &shown.text};
  HRESULT done = S_OK;
  for (int at = 0; at < 2 && SUCCEEDED(done); at++)
    if (places[at] >= 0) done = string_argument(arguments, (UINT)places[at], strings[at]);
  /* Scripts hand over what a variable has, and that may be no number: then there is none. */
  for (int at = 0; at < 2; at++)
    if (places[at + 2] >= 0) number_argument(arguments, (UINT)places[at + 2], numbers[at]);
  if (SUCCEEDED(done)) done = show(&shown, failure);
  SysFreeString(shown.title);
  SysFreeString(shown.text);
  return done;
}

static HRESULT show_ts_progress(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)result;
  return show_arguments(arguments, failure, "progress", (const int[]){2, 3, 4, 5});
}

static HRESULT show_action_progress(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)result;
  return show_arguments(arguments, failure, "progress", (const int[]){2, 6, 7, 8});
}

static HRESULT show_message(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)result;
  return show_arguments(arguments, failure, "message", (const int[]){1, 0, -1, -1});
}

/* What closing a message box answers, by its buttons: MB_OK ... MB_CANCELTRYCONTINUE (winuser.h). */
static LONG answer_of_closing(LONG type) {
  const LONG answers[] = {IDOK, IDCANCEL, IDABORT, IDCANCEL, IDNO, IDCANCEL, IDCANCEL};
  LONG buttons = type & MB_TYPEMASK;
  return buttons < (LONG)(sizeof answers / sizeof *answers) ? answers[buttons] : IDCANCEL;
}

static HRESULT show_message_ex(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  LONG type;
  HRESULT done = show_message(arguments, result, failure);
  if (FAILED(done)) return done;
  number_argument(arguments, 2, &type);
  LONG answer = answer_of_closing(type);
  VARIANT *output = arguments->values[3];
  switch (output->vt) {
    case VT_I4 | VT_BYREF:
    case VT_INT | VT_BYREF:
    case VT_UI4 | VT_BYREF:
      *output->plVal = answer;
      break;
    case VT_I2 | VT_BYREF:
    case VT_UI2 | VT_BYREF:
      *output->piVal = (SHORT)answer;
      break;
    default: /* a variable of a script, handed over by reference */
      VariantClear(output);
      output->vt = VT_I4;
      output->lVal = answer;
  }
  return S_OK;
}

static HRESULT show_error_dialog(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)result;
  return show_arguments(arguments, failure, "error", (const int[]){2, 3, -1, -1});
}

static HRESULT show_reboot_dialog(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)result;
  return show_arguments(arguments, failure, "message", (const int[]){2, 3, -1, -1});
}

static HRESULT show_swap_media(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)result;
  return show_arguments(arguments, failure, "message", (const int[]){0, 1, -1, -1});
}

static HRESULT close_progress(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)result;
  return show_arguments(arguments, failure, "close", (const int[]){-1, -1, -1, -1});
}

static const struct member progress_members[] = {
    {L"ShowTSProgress", 1, INVOKE_FUNC, VT_EMPTY, 6, 6,
     {{L"organization", VT_BSTR}, {L"taskSequence", VT_BSTR}, {L"customTitle", VT_BSTR},
      {L"currentAction", VT_BSTR}, {L"step", VT_UI4}, {L"maxStep", VT_UI4}},
     show_ts_progress},
    {L"ShowActionProgress", 2, INVOKE_FUNC, VT_EMPTY, 9, 9,
     {{L"organization", VT_BSTR}, {L"taskSequence", VT_BSTR}, {L"customTitle", VT_BSTR},
      {L"currentAction", VT_BSTR}, {L"step", VT_UI4}, {L"maxStep", VT_UI4},
      {L"actionInfo", VT_BSTR}, {L"actionStep", VT_UI4}, {L"actionMaxStep", VT_UI4}},
     show_action_progress},
    {L"CloseProgressDialog", 3, INVOKE_FUNC, VT_EMPTY, 0, 0, {{0}}, close_progress},
    {L"ShowMessage", 4, INVOKE_FUNC, VT_EMPTY, 2, 3,
     {{L"message", VT_BSTR}, {L"title", VT_BSTR}, {L"type", VT_I4}}, show_message},
    {L"ShowMessageEx", 5, INVOKE_FUNC, VT_EMPTY, 4, 4,
     {{L"message", VT_BSTR}, {L"title", VT_BSTR}, {L"type", VT_I4}, {L"answer", VT_I4 | VT_BYREF}},
     show_message_ex},
    {L"ShowErrorDialog", 6, INVOKE_FUNC, VT_EMPTY, 7, 8,
     {{L"organization", VT_BSTR}, {L"taskSequence", VT_BSTR}, {L"customTitle", VT_BSTR},
      {L"message", VT_BSTR}, {L"code", VT_I4}, {L"timeoutSeconds", VT_UI4}, {L"reboot", VT_I4},
      {L"failedStep", VT_BSTR}},
     show_error_dialog},
    {L"ShowRebootDialog", 7, INVOKE_FUNC, VT_EMPTY, 5, 5,
     {{L"organization", VT_BSTR}, {L"taskSequence", VT_BSTR}, {L"customTitle", VT_BSTR},
      {L"message", VT_BSTR}, {L"timeoutSeconds", VT_UI4}},
     show_reboot_dialog},
    {L"ShowSwapMediaDialog", 8, INVOKE_FUNC, VT_EMPTY, 2, 2,
     {{L"taskSequence", VT_BSTR}, {L"mediaNumber", VT_UI4}}, show_swap_media},
};

/* {758FDAB5-555D-4210-84E7-A74F54182D03} */
static const GUID progress_clsid = {0x758fdab5, 0x555d, 0x4210, {0x84, 0xe7, 0xa7, 0x4f, 0x54, 0x18, 0x2d, 0x03}};
/* {758FDAB5-555D-4210-84E7-A74F54182D04} */
static const GUID progress_iid = {0x758fdab5, 0x555d, 0x4210, {0x84, 0xe7, 0xa7, 0x4f, 0x54, 0x18, 0x2d, 0x04}};

const struct class_of_objects progress_ui = {
    &progress_clsid, &progress_iid, L"IProgressUI", progress_members,
    sizeof progress_members / sizeof *progress_members};
