/**
 * What the drives of Windows do on the Windows that this runs on, as JSON in the file that argv names: for a
 * test that starts it there. It runs programs and reads; it changes nothing but a folder for files.
 */
import { writeFileSync } from 'node:fs';
import { windowsMachine } from '../machine.ts';
import { answer } from '../network-call.ts';
import { readVariable } from '../win32/firmware-variable.ts';
import { openNetwork } from '../win32/network.ts';
import { openWin32 } from '../win32.ts';

async function drive(file: string): Promise<void> {
  const { signal } = new AbortController();
  const log: string[] = [];
  const win32 = openWin32();
  await using machine = await windowsMachine(
    {
      environment: 'full-os',
      bootMac: undefined,
      stateFolder: 'C:\\Metalwright\\State',
      siteCa: '',
      agentEnvironment: () => ({}),
      agentBinary: process.execPath,
      agentArgv: [process.execPath],
      drivers: [],
      tell() {},
      log: (message) => log.push(message),
    },
    signal,
  );
  const { process: programs } = machine.platform;
  const environment = { OSDComputerName: 'PC 1' };
  await using files = await machine.platform.process.scratch(
    { 'say it.bat': Buffer.from('@echo [%~1] [%2] %cd%\r\n@exit /b 7\r\n') },
    signal,
  );
  const batch = files.file('say it.bat');
  const line = `cmd /c ""${batch}" "one two" three"`;
  const started = performance.now();
  const hung = await programs.run(
    { argv: ['cmd', '/c', 'cmd /c ping -n 60 127.0.0.1'], timeoutMs: 2000, environment },
    signal,
  );
  const seen = {
    volumes: win32?.volumes().map((volume) => win32.mountPoints(volume)),
    smbiosBytes: win32?.smbiosTable().length,
    architecture: machine.identity.architecture,
    macAddresses: machine.identity.macAddresses,
    environment: await programs.run(
      { argv: ['cmd', '/c', 'echo', '%OSDComputerName%'], environment },
      signal,
    ),
    batch: await programs.run({ argv: [batch, 'a & b', 'c'], cwd: 'C:\\', environment }, signal),
    line: await programs.run({ argv: ['cmd', '/c', 'x'], commandLine: line, environment }, signal),
    missing: await programs
      .run({ argv: ['no-such-program'], environment }, signal)
      .catch((error: unknown) => (error instanceof Error ? Reflect.get(error, 'code') : error)),
    hung,
    hungMs: Math.round(performance.now() - started),
    // Of the kind of what is in Secure Boot's db.
    firmwareVariable: readVariable('db', 'd719b2cb-3d3a-4596-a3bc-dad00e67656f'),
    membership: answer({ call: 'membership' }, openNetwork()),
  };
  writeFileSync(file, JSON.stringify(seen));
}

void drive(process.argv[2] ?? '');
