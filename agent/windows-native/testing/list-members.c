/*
 * Prints what the type information of an object tells, one member a line, as PowerShell reads it: kind, id, name and
 * names of parameters, type of the result and of the parameters. `list-members.exe ProgID`
 */
#define WIN32_LEAN_AND_MEAN
#define UNICODE
#define COBJMACROS
#define INITGUID
#include <windows.h>
#include <ole2.h>
#include <oleauto.h>

static void say(const WCHAR *format, DWORD_PTR first, DWORD_PTR second) {
  WCHAR line[512];
  DWORD_PTR arguments[] = {first, second};
  DWORD units = FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, format, 0, 0, line,
                               512, (va_list *)arguments);
  char utf8[1024];
  int size = WideCharToMultiByte(CP_UTF8, 0, line, (int)units, utf8, sizeof utf8, NULL, NULL);
  DWORD written;
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), utf8, (DWORD)size, &written, NULL);
}

static void check(HRESULT result, const WCHAR *what) {
  if (SUCCEEDED(result)) return;
  say(L"%1 failed: 0x%2!08x!", (DWORD_PTR)what, (DWORD_PTR)(DWORD)result);
  ExitProcess(1);
}

/* FALSE behind the last one: Wine counts the seven of IDispatch too and does not have them. */
static BOOL list_member(ITypeInfo *info, UINT index) {
  FUNCDESC *function;
  BSTR names[16];
  UINT count;
  HRESULT found = ITypeInfo_GetFuncDesc(info, index, &function);
  if (found == TYPE_E_ELEMENTNOTFOUND) return FALSE;
  check(found, L"GetFuncDesc");
  check(ITypeInfo_GetNames(info, function->memid, names, 16, &count), L"GetNames");
  say(L"%1!d! %2!d!", function->invkind, (DWORD_PTR)function->memid);
  for (UINT at = 0; at < count; at++) say(L" %1", (DWORD_PTR)names[at], 0);
  say(L": %1!d!", function->elemdescFunc.tdesc.vt, 0);
  for (SHORT at = 0; at < function->cParams; at++) {
    TYPEDESC *type = &function->lprgelemdescParam[at].tdesc;
    say(type->vt == VT_PTR ? L" *%1!d!" : L" %1!d!", type->vt == VT_PTR ? type->lptdesc->vt : type->vt, 0);
  }
  say(L"%n", 0, 0);
  ITypeInfo_ReleaseFuncDesc(info, function);
  return TRUE;
}

void entry(void) {
  CLSID clsid;
  IDispatch *object;
  ITypeInfo *info;
  TYPEATTR *attributes;
  BSTR name;
  const WCHAR *word = GetCommandLineW();
  for (const WCHAR *at = word; *at != 0; at++)
    if (*at == L' ') word = at + 1;
  check(CoInitializeEx(NULL, COINIT_MULTITHREADED), L"CoInitializeEx");
  check(CLSIDFromProgID(word, &clsid), L"CLSIDFromProgID");
  check(CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&object), L"CoCreateInstance");
  check(IDispatch_GetTypeInfo(object, 0, LOCALE_NEUTRAL, &info), L"GetTypeInfo");
  check(ITypeInfo_GetTypeAttr(info, &attributes), L"GetTypeAttr");
  check(ITypeInfo_GetDocumentation(info, MEMBERID_NIL, &name, NULL, NULL, NULL), L"GetDocumentation");
  say(L"%1 %2!d!%n", (DWORD_PTR)name, attributes->typekind);
  for (UINT index = 0; index < attributes->cFuncs && list_member(info, index); index++) {}
  ITypeInfo_ReleaseTypeAttr(info, attributes);
  ITypeInfo_Release(info);
  IDispatch_Release(object);
  ExitProcess(0);
}
