/*
 * The parts of metalwright-ts.dll: the objects Microsoft.SMS.TSEnvironment and Microsoft.SMS.TSProgressUI for scripts
 * that were written for Configuration Manager. Each call is one request to the agent (agent/ts-environment), on a
 * connection of its own: an object has no state, so any thread may call it.
 */
#pragma once
#define WIN32_LEAN_AND_MEAN
#define UNICODE
#define COBJMACROS
#define INITGUID /* the GUIDs are ours to have: there is no library of them */
#include <windows.h>
#include <oleauto.h>

/* text.c: UTF-8 text that grows; when memory is out it stays as it is and says `failed`. */
struct text {
  char *bytes; /* ends with 0 */
  DWORD length;
  DWORD room;
  BOOL failed;
};
void add_bytes(struct text *text, const char *bytes, DWORD count);
void add_ascii(struct text *text, const char *ascii);
void free_text(struct text *text);

/* json.c */
/* A string with its quotation marks; NULL is the empty one. */
void add_json_string(struct text *text, BSTR string);
void add_json_number(struct text *text, LONG number);
/* The value of a field of the object that begins at `object`, or NULL. */
const char *json_field(const char *object, const char *name);
/* The first value of an array, and the one after a value; NULL at the end. */
const char *json_first(const char *array);
const char *json_next(const char *value);
/* NULL when it is no string, or memory is out. */
BSTR json_string(const char *value);
BOOL json_is(const char *value, const char *ascii);

/* pipe.c: sends `request`, a line, and gets the line that answers it. An HRESULT. */
HRESULT ask_agent(const struct text *request, struct text *answer);
/* Whether a task sequence runs: METALWRIGHT_TS names its pipe. */
BOOL agent_is_named(void);

/* requests.c: each fills `failure` with code, text and hint of the agent where it returns DISP_E_EXCEPTION. */
HRESULT get_variable(BSTR name, BSTR *value, EXCEPINFO *failure);
HRESULT set_variable(BSTR name, BSTR value, EXCEPINFO *failure);
/* A SAFEARRAY of VARIANT with the names. */
HRESULT list_variables(VARIANT *names, EXCEPINFO *failure);
struct shown {
  const char *what; /* `progress`, `message`, `error`, `restart`, `close` */
  BSTR title;
  BSTR text;
  LONG step;
  LONG steps; /* 0: it has none */
};
HRESULT show(const struct shown *shown, EXCEPINFO *failure);

/* dispatch.c: an object of IDispatch, made of a table of members. */
#define MAX_PARAMETERS 9
struct arguments {
  /* In the order of the call, references followed. */
  VARIANT *values[MAX_PARAMETERS];
  UINT count;
};
struct member {
  const WCHAR *name;
  DISPID id;
  INVOKEKIND kind;
  VARTYPE result; /* VT_EMPTY: none */
  UINT needed;    /* how many arguments it needs at least */
  UINT count;     /* how many it knows */
  const struct {
    const WCHAR *name;
    VARTYPE type; /* with VT_BYREF it is filled by the call */
  } parameters[MAX_PARAMETERS];
  HRESULT (*call)(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure);
};
struct class_of_objects {
  const CLSID *clsid;
  const IID *iid; /* of the dispatch interface, in the type information */
  const WCHAR *interface_name;
  const struct member *members;
  UINT member_count;
};
HRESULT make_object(const struct class_of_objects *made, REFIID iid, void **object);
/* An argument as a string or a number, converted as Automation does; the string is the caller's to free. */
HRESULT string_argument(struct arguments *arguments, UINT index, BSTR *string);
HRESULT number_argument(struct arguments *arguments, UINT index, LONG *number);
extern LONG living_objects;

/* type-info.c: what PowerShell and others read to know the members. */
HRESULT make_type_info(const struct class_of_objects *described, ITypeInfo **info);

extern const struct class_of_objects ts_environment, progress_ui;
