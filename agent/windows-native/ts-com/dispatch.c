#include "ts-com.h"

LONG living_objects;

struct object {
  IDispatch dispatch; /* first: a pointer to it is one to the object */
  LONG references;
  const struct class_of_objects *made;
};

static HRESULT STDMETHODCALLTYPE query_interface(IDispatch *self, REFIID iid, void **found) {
  if (found == NULL) return E_POINTER;
  BOOL known = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch);
  *found = known ? self : NULL;
  if (known) IDispatch_AddRef(self);
  return known ? S_OK : E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE add_ref(IDispatch *self) {
  return (ULONG)InterlockedIncrement(&((struct object *)self)->references);
}

static ULONG STDMETHODCALLTYPE release(IDispatch *self) {
  LONG left = InterlockedDecrement(&((struct object *)self)->references);
  if (left > 0) return (ULONG)left;
  HeapFree(GetProcessHeap(), 0, self);
  InterlockedDecrement(&living_objects);
  return 0;
}

static HRESULT STDMETHODCALLTYPE get_type_info_count(IDispatch *self, UINT *count) {
  (void)self;
  if (count == NULL) return E_POINTER;
  *count = 1;
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE get_type_info(IDispatch *self, UINT index, LCID locale,
                                               ITypeInfo **info) {
  (void)locale;
  if (info == NULL) return E_POINTER;
  *info = NULL;
  if (index != 0) return DISP_E_BADINDEX;
  return make_type_info(((struct object *)self)->made, info);
}

static HRESULT STDMETHODCALLTYPE get_ids_of_names(IDispatch *self, REFIID iid, LPOLESTR *names,
                                                  UINT count, LCID locale, DISPID *ids) {
  (void)iid, (void)locale;
  const struct class_of_objects *made = ((struct object *)self)->made;
  for (UINT at = 0; at < count; at++) ids[at] = DISPID_UNKNOWN;
  for (UINT at = 0; at < made->member_count; at++)
    if (CompareStringW(LOCALE_INVARIANT, NORM_IGNORECASE, made->members[at].name, -1, names[0], -1) ==
        CSTR_EQUAL)
      ids[0] = made->members[at].id;
  /* Names of arguments are not known: none has any in these scripts. */
  return count == 1 && ids[0] != DISPID_UNKNOWN ? S_OK : DISP_E_UNKNOWNNAME;
}

static const struct member *member_of(const struct class_of_objects *made, DISPID id, WORD flags) {
  if (flags & DISPATCH_PROPERTYPUTREF) flags |= DISPATCH_PROPERTYPUT;
  for (UINT at = 0; at < made->member_count; at++)
    if (made->members[at].id == id && (made->members[at].kind & flags)) return &made->members[at];
  return NULL;
}

static VARIANT *value_behind(VARIANT *argument) {
  while (argument->vt == (VT_VARIANT | VT_BYREF)) argument = argument->pvarVal;
  return argument;
}

static HRESULT STDMETHODCALLTYPE invoke(IDispatch *self, DISPID id, REFIID iid, LCID locale, WORD flags,
                                        DISPPARAMS *given, VARIANT *result, EXCEPINFO *failure,
                                        UINT *wrong) {
  (void)iid, (void)locale, (void)wrong;
  const struct member *member = member_of(((struct object *)self)->made, id, flags);
  if (member == NULL) return DISP_E_MEMBERNOTFOUND;
  BOOL put = member->kind == INVOKE_PROPERTYPUT;
  if (given->cNamedArgs > 0 &&
      !(put && given->cNamedArgs == 1 && given->rgdispidNamedArgs[0] == DISPID_PROPERTYPUT))
    return DISP_E_NONAMEDARGS;
  if (given->cArgs < member->needed || given->cArgs > member->count) return DISP_E_BADPARAMCOUNT;
  struct arguments arguments = {.count = given->cArgs};
  for (UINT at = 0; at < given->cArgs; at++) /* they come last one first */
    arguments.values[at] = value_behind(&given->rgvarg[given->cArgs - 1 - at]);
  VARIANT answer;
  VariantInit(&answer);
  HRESULT done = member->call(&arguments, &answer, failure);
  if (SUCCEEDED(done) && result != NULL) *result = answer;
  else VariantClear(&answer);
  return done;
}

static IDispatchVtbl methods = {query_interface, add_ref,       release,          get_type_info_count,
                                get_type_info,   get_ids_of_names, invoke};

HRESULT make_object(const struct class_of_objects *made, REFIID iid, void **object) {
  struct object *fresh = HeapAlloc(GetProcessHeap(), 0, sizeof *fresh);
  *object = NULL;
  if (fresh == NULL) return E_OUTOFMEMORY;
  fresh->dispatch.lpVtbl = &methods;
  fresh->references = 1;
  fresh->made = made;
  InterlockedIncrement(&living_objects);
  HRESULT result = IDispatch_QueryInterface(&fresh->dispatch, iid, object);
  IDispatch_Release(&fresh->dispatch);
  return result;
}

static HRESULT convert(struct arguments *arguments, UINT index, VARTYPE type, VARIANT *converted) {
  VariantInit(converted);
  if (index >= arguments->count) return DISP_E_PARAMNOTOPTIONAL;
  VARIANT *argument = arguments->values[index];
  /* An optional one that was left out comes as this error. */
  if (argument->vt == VT_ERROR) return DISP_E_PARAMNOTOPTIONAL;
  return VariantChangeTypeEx(converted, argument, LOCALE_INVARIANT, VARIANT_ALPHABOOL, type);
}

HRESULT string_argument(struct arguments *arguments, UINT index, BSTR *string) {
  VARIANT converted;
  HRESULT result = convert(arguments, index, VT_BSTR, &converted);
  *string = SUCCEEDED(result) ? converted.bstrVal : NULL;
  return result;
}

HRESULT number_argument(struct arguments *arguments, UINT index, LONG *number) {
  VARIANT converted;
  HRESULT result = convert(arguments, index, VT_I4, &converted);
  *number = SUCCEEDED(result) ? converted.lVal : 0;
  return result;
}
