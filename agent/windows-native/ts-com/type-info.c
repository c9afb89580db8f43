/*
 * Type information, made when somebody asks for it: PowerShell knows no member of an object without. It is never
 * written to a file; Windows only wants a name for one.
 */
#include "ts-com.h"

static HRESULT describe_member(ICreateTypeInfo *made, UINT index, const struct member *member) {
  ELEMDESC parameters[MAX_PARAMETERS] = {0};
  LPOLESTR names[MAX_PARAMETERS + 1] = {(LPOLESTR)member->name};
  TYPEDESC pointed[MAX_PARAMETERS] = {0};
  for (UINT at = 0; at < member->count; at++) {
    VARTYPE type = member->parameters[at].type;
    names[at + 1] = (LPOLESTR)member->parameters[at].name;
    parameters[at].tdesc.vt = type;
    parameters[at].paramdesc.wParamFlags = PARAMFLAG_FIN;
    if (type & VT_BYREF) {
      pointed[at].vt = type & ~VT_BYREF;
      parameters[at].tdesc.vt = VT_PTR;
      parameters[at].tdesc.lptdesc = &pointed[at];
      parameters[at].paramdesc.wParamFlags = PARAMFLAG_FIN | PARAMFLAG_FOUT;
    }
    if (at >= member->needed) parameters[at].paramdesc.wParamFlags |= PARAMFLAG_FOPT;
  }
  FUNCDESC function = {
      .memid = member->id,
      .lprgelemdescParam = parameters,
      .funckind = FUNC_DISPATCH,
      .invkind = member->kind,
      .callconv = CC_STDCALL,
      .cParams = (SHORT)member->count,
      .cParamsOpt = (SHORT)(member->count - member->needed),
      .elemdescFunc.tdesc.vt = member->result == VT_EMPTY ? VT_VOID : member->result,
  };
  HRESULT result = ICreateTypeInfo_AddFuncDesc(made, index, &function);
  if (FAILED(result)) return result;
  /* The value of a property that is set has no name of its own. */
  UINT named = member->kind == INVOKE_PROPERTYPUT ? member->count : member->count + 1;
  return ICreateTypeInfo_SetFuncAndParamNames(made, index, names, named);
}

static HRESULT describe(ICreateTypeInfo *made, const struct class_of_objects *described) {
  HRESULT result = ICreateTypeInfo_SetGuid(made, described->iid);
  for (UINT index = 0; SUCCEEDED(result) && index < described->member_count; index++)
    result = describe_member(made, index, &described->members[index]);
  return SUCCEEDED(result) ? ICreateTypeInfo_LayOut(made) : result;
}

HRESULT make_type_info(const struct class_of_objects *described, ITypeInfo **info) {
  ICreateTypeLib2 *library;
  ICreateTypeInfo *made;
  SYSKIND system = sizeof(void *) == 8 ? SYS_WIN64 : SYS_WIN32;
  HRESULT result = CreateTypeLib2(system, L"metalwright-ts.tlb", &library);
  if (FAILED(result)) return result;
  result = ICreateTypeLib2_CreateTypeInfo(library, (LPOLESTR)described->interface_name,
                                          TKIND_DISPATCH, &made);
  if (SUCCEEDED(result)) {
    result = describe(made, described);
    if (SUCCEEDED(result))
      result = ICreateTypeInfo_QueryInterface(made, &IID_ITypeInfo, (void **)info);
    ICreateTypeInfo_Release(made);
  }
  ICreateTypeLib2_Release(library);
  return result;
}
