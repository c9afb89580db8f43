#include "ts-com.h"

static HRESULT fail(EXCEPINFO *failure, HRESULT code, BSTR description) {
  if (failure == NULL) {
    SysFreeString(description);
    return DISP_E_EXCEPTION;
  }
  failure->scode = code;
  failure->bstrSource = SysAllocString(L"Metalwright");
  failure->bstrDescription = description;
  return DISP_E_EXCEPTION;
}

/* `code: message. hint`, as the agent tells it. */
static HRESULT fail_as_told(EXCEPINFO *failure, const char *answer) {
  const WCHAR *between[] = {L": ", L". ", L""};
  const char *fields[] = {"code", "message", "hint"};
  BSTR parts[3];
  UINT length = 0;
  for (int part = 0; part < 3; part++) {
    parts[part] = json_string(json_field(answer, fields[part]));
    length += SysStringLen(parts[part]) + 2;
  }
  BSTR description = SysAllocStringLen(NULL, length);
  UINT at = 0;
  for (int part = 0; part < 3; part++) {
    UINT units = SysStringLen(parts[part]), gap = (UINT)lstrlenW(between[part]);
    if (description != NULL) {
      memcpy(description + at, parts[part], units * sizeof(WCHAR));
      memcpy(description + at + units, between[part], gap * sizeof(WCHAR));
      at += units + gap;
    }
    SysFreeString(parts[part]);
  }
  BSTR exact = SysAllocStringLen(description, at);
  SysFreeString(description);
  return fail(failure, E_FAIL, exact);
}

/* Asks, and returns S_OK with an answer that is no error and has this kind or the other one. */
static HRESULT ask(struct text *request, struct text *answer, EXCEPINFO *failure, const char *kind,
                   const char *other) {
  add_ascii(request, "}\n");
  HRESULT result = ask_agent(request, answer);
  if (result == E_OUTOFMEMORY) return result;
  if (FAILED(result))
    return fail(failure, result,
                SysAllocString(L"ts.not-running: the agent does not answer; "
                               L"the step that this belongs to has ended, or is ending"));
  const char *told = json_field(answer->bytes, "kind");
  if (json_is(told, "error")) return fail_as_told(failure, answer->bytes);
  if (json_is(told, kind) || (other != NULL && json_is(told, other))) return S_OK;
  return fail(failure, E_UNEXPECTED, SysAllocString(L"ts.answer: the agent answered in another language"));
}

HRESULT get_variable(BSTR name, BSTR *value, EXCEPINFO *failure) {
  struct text request = {0}, answer = {0};
  add_ascii(&request, "{\"op\":\"get\",\"name\":");
  add_json_string(&request, name);
  HRESULT result = ask(&request, &answer, failure, "variable", "not-set");
  if (result == S_OK) {
    BOOL set = json_is(json_field(answer.bytes, "kind"), "variable");
    /* One that is not set is the empty string. */
    *value = set ? json_string(json_field(answer.bytes, "value")) : SysAllocString(L"");
    if (*value == NULL) result = E_OUTOFMEMORY;
  }
  free_text(&request);
  free_text(&answer);
  return result;
}

HRESULT set_variable(BSTR name, BSTR value, EXCEPINFO *failure) {
  struct text request = {0}, answer = {0};
  add_ascii(&request, "{\"op\":\"set\",\"name\":");
  add_json_string(&request, name);
  add_ascii(&request, ",\"value\":");
  add_json_string(&request, value);
  HRESULT result = ask(&request, &answer, failure, "done", NULL);
  free_text(&request);
  free_text(&answer);
  return result;
}

static HRESULT add_names(SAFEARRAY *array, const char *variables) {
  LONG index = 0;
  for (const char *at = json_first(variables); at != NULL; at = json_next(at), index++) {
    VARIANT name = {.vt = VT_BSTR, .bstrVal = json_string(json_field(at, "name"))};
    HRESULT result =
        name.bstrVal == NULL ? E_OUTOFMEMORY : SafeArrayPutElement(array, &index, &name);
    VariantClear(&name);
    if (FAILED(result)) return result;
  }
  return S_OK;
}

HRESULT list_variables(VARIANT *names, EXCEPINFO *failure) {
  struct text request = {0}, answer = {0};
  add_ascii(&request, "{\"op\":\"list\"");
  HRESULT result = ask(&request, &answer, failure, "list", NULL);
  if (result == S_OK) {
    const char *variables = json_field(answer.bytes, "variables");
    ULONG count = 0;
    for (const char *at = json_first(variables); at != NULL; at = json_next(at)) count++;
    SAFEARRAY *array = SafeArrayCreateVector(VT_VARIANT, 0, count);
    result = array == NULL ? E_OUTOFMEMORY : add_names(array, variables);
    if (result == S_OK) {
      names->vt = VT_ARRAY | VT_VARIANT;
      names->parray = array;
    } else if (array != NULL) SafeArrayDestroy(array);
  }
  free_text(&request);
  free_text(&answer);
  return result;
}

HRESULT show(const struct shown *shown, EXCEPINFO *failure) {
  struct text request = {0}, answer = {0};
  add_ascii(&request, "{\"op\":\"show\",\"what\":\"");
  add_ascii(&request, shown->what);
  add_ascii(&request, "\",\"title\":");
  add_json_string(&request, shown->title);
  add_ascii(&request, ",\"text\":");
  add_json_string(&request, shown->text);
  if (shown->steps > 0) {
    add_ascii(&request, ",\"step\":");
    add_json_number(&request, shown->step);
    add_ascii(&request, ",\"steps\":");
    add_json_number(&request, shown->steps);
  }
  HRESULT result = ask(&request, &answer, failure, "done", NULL);
  free_text(&request);
  free_text(&answer);
  return result;
}
