import { expect, it } from 'vitest';
import { launcherFor } from './launcher.ts';

it('quotes any path for the shell, and gives the agent its libraries alone', () => {
  expect(launcherFor('linux', ["/opt/it's/agent"], '/opt/lib').text).toBe(
    `#!/bin/sh\nLD_LIBRARY_PATH='/opt/lib' exec '/opt/it'\\''s/agent' ts "$@"\n`,
  );
  expect(launcherFor('linux', ['/usr/bin/node', '/src/main.ts'], undefined).text).toBe(
    `#!/bin/sh\nexec '/usr/bin/node' '/src/main.ts' ts "$@"\n`,
  );
});

it('is a batch file in Windows', () => {
  expect(launcherFor('win32', ['C:\\100%\\agent.exe'], undefined)).toEqual({
    fileName: 'metalwright-ts.cmd',
    text: '@"C:\\100%%\\agent.exe" ts %*\r\n',
  });
});
