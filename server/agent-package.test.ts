import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HELLO_PATH } from '#agent/protocol/bootstrap.ts';
import { openTestApp } from './test-app.ts';

it('tells a bootstrap where the agent is, and serves it by its hash over both listeners', async () => {
  const boot = await mkdtemp(join(tmpdir(), 'metalwright-agent-'));
  try {
    await writeFile(join(boot, 'agent-linux-x64.zst'), 'packed agent');
    await using site = await openTestApp({ bootImageDirectory: boot });
    const agent = site.agent();
    const hello = await agent.call('GET', `${HELLO_PATH}?arch=x64&env=linux-pe`);
    const facts = new Map(
      hello.text.split('\n').map((line) => [line.split(' ')[0], line.split(' ')[1]]),
    );
    expect(facts.get('agent-size')).toBe('12');
    expect(facts.get('agent-compression')).toBe('zstd');
    expect(facts.get('server-time-ms')).toBe(String(site.clock.nowMs));
    const path = facts.get('agent-path') ?? '';
    expect(path).toContain(facts.get('agent-sha256'));
    expect((await agent.call('GET', path)).text).toBe('packed agent');
    expect(await (await fetch(site.app.addresses.boot + path)).text()).toBe('packed agent');
    const other = await agent.call('GET', `${HELLO_PATH}?arch=arm64&env=linux-pe`);
    expect(other).toMatchObject({
      status: 404,
      text: expect.stringContaining('no agent for arm64'),
    });
  } finally {
    await rm(boot, { recursive: true, force: true });
  }
});
