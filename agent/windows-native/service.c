/* metalwright-service.exe as one unit: reading windows.h once takes longer than compiling all of this. */
#include "memory.c"
#include "service/folder.c"
#include "service/log.c"
#include "service/windows-setup.c"
#include "service/agent-process.c"
#include "service/supervise.c"
#include "service/main.c"
