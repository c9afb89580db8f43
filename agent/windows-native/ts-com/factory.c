#include "ts-com.h"

static LONG locks;

struct factory {
  IClassFactory face;
  const struct class_of_objects *made;
};

static HRESULT STDMETHODCALLTYPE factory_query(IClassFactory *self, REFIID iid, void **found) {
  if (found == NULL) return E_POINTER;
  BOOL known = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IClassFactory);
  *found = known ? self : NULL;
  return known ? S_OK : E_NOINTERFACE;
}

/* Factories are static: they are not counted. */
static ULONG STDMETHODCALLTYPE factory_reference(IClassFactory *self) {
  (void)self;
  return 1;
}

static HRESULT STDMETHODCALLTYPE create_instance(IClassFactory *self, IUnknown *outer, REFIID iid,
                                                 void **object) {
  if (object == NULL) return E_POINTER;
  *object = NULL;
  if (outer != NULL) return CLASS_E_NOAGGREGATION;
  /* As without Configuration Manager: scripts ask for the object to know whether a task sequence runs. */
  if (!agent_is_named()) return REGDB_E_CLASSNOTREG;
  return make_object(((struct factory *)self)->made, iid, object);
}

static HRESULT STDMETHODCALLTYPE lock_server(IClassFactory *self, BOOL lock) {
  (void)self;
  if (lock) InterlockedIncrement(&locks);
  else InterlockedDecrement(&locks);
  return S_OK;
}

static IClassFactoryVtbl factory_methods = {factory_query, factory_reference, factory_reference,
                                            create_instance, lock_server};
static struct factory factories[] = {{{&factory_methods}, &ts_environment},
                                     {{&factory_methods}, &progress_ui}};

STDAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **found) {
  for (UINT at = 0; at < sizeof factories / sizeof *factories; at++)
    if (IsEqualCLSID(clsid, factories[at].made->clsid))
      return factory_query(&factories[at].face, iid, found);
  *found = NULL;
  return CLASS_E_CLASSNOTAVAILABLE;
}

STDAPI DllCanUnloadNow(void) { return living_objects == 0 && locks == 0 ? S_OK : S_FALSE; }

/* The library's entry, called without any C runtime before it. */
BOOL WINAPI DllMainCRTStartup(HINSTANCE library, DWORD reason, void *reserved) {
  (void)reserved;
  if (reason == DLL_PROCESS_ATTACH) DisableThreadLibraryCalls(library);
  return TRUE;
}
