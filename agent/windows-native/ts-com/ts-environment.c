/* Microsoft.SMS.TSEnvironment: `Value(name)`, its default property, and `GetVariables()`. */
#include "ts-com.h"

static HRESULT get_value(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  BSTR name;
  HRESULT done = string_argument(arguments, 0, &name);
  if (FAILED(done)) return done;
  done = get_variable(name, &result->bstrVal, failure);
  if (SUCCEEDED(done)) result->vt = VT_BSTR;
  SysFreeString(name);
  return done;
}

static HRESULT put_value(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)result;
  BSTR name, value;
  HRESULT done = string_argument(arguments, 0, &name);
  if (FAILED(done)) return done;
  done = string_argument(arguments, 1, &value);
  if (SUCCEEDED(done)) done = set_variable(name, value, failure);
  SysFreeString(name);
  SysFreeString(value);
  return done;
}

static HRESULT get_variables(struct arguments *arguments, VARIANT *result, EXCEPINFO *failure) {
  (void)arguments;
  return list_variables(result, failure);
}

static const struct member environment_members[] = {
    {L"Value", DISPID_VALUE, INVOKE_PROPERTYGET, VT_BSTR, 1, 1, {{L"name", VT_BSTR}}, get_value},
    {L"Value", DISPID_VALUE, INVOKE_PROPERTYPUT, VT_EMPTY, 2, 2,
     {{L"name", VT_BSTR}, {L"value", VT_BSTR}}, put_value},
    {L"GetVariables", 1, INVOKE_FUNC, VT_VARIANT, 0, 0, {{0}}, get_variables},
};

/* {758FDAB5-555D-4210-84E7-A74F54182D01} */
static const GUID environment_clsid = {0x758fdab5, 0x555d, 0x4210, {0x84, 0xe7, 0xa7, 0x4f, 0x54, 0x18, 0x2d, 0x01}};
/* {758FDAB5-555D-4210-84E7-A74F54182D02} */
static const GUID environment_iid = {0x758fdab5, 0x555d, 0x4210, {0x84, 0xe7, 0xa7, 0x4f, 0x54, 0x18, 0x2d, 0x02}};

const struct class_of_objects ts_environment = {
    &environment_clsid, &environment_iid, L"ITSEnvironment", environment_members,
    sizeof environment_members / sizeof *environment_members};
