import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

it('M53 hands out the agent for Windows and its service, for the Windows that Linux PE installs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-agent-'));
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
  const put = async (architecture: string, agent: string, told = agent) => {
    const place = join(folder, `windows-agent-${architecture}`);
    await mkdir(place);
    await writeFile(join(place, 'metalwright-agent.exe'), agent);
    await writeFile(join(place, 'metalwright-service.exe'), 'service');
    const files = [{ name: 'metalwright-service.exe', sha256: hashOf('service') }];
    const build = { sha256: hashOf(told), version: '1+a', system: 'windows', architecture, files };
    await writeFile(join(place, 'agent.json'), JSON.stringify(build));
  };
  try {
    await put('x64', 'agent of x64');
    await put('arm64', 'damaged agent', 'agent of arm64');
    await using site = await openTestApp({ bootImageDirectory: join(folder, 'linux-pe-x64') });
    const agent = site.agent();
    const ask = async (query: string) => agent.call('GET', `${HELLO_PATH}?${query}`);
    const program = await ask('arch=x64&env=winpe');
    expect(program.text).toContain(`agent-sha256 ${hashOf('agent of x64')}\n`);
    expect(program.text).toContain('agent-compression none\n');
    const service = await ask('arch=x64&env=winpe&part=service');
    expect(service.text).toContain(`agent-sha256 ${hashOf('service')}\n`);
    expect(service.text).toContain('agent-part service\n');
    const path = /agent-path (\S+)/.exec(service.text)?.[1] ?? '';
    expect((await agent.call('GET', path)).text).toBe('service');
    for (const none of ['arch=x64&env=winpe&part=x', 'arch=arm64&env=winpe', 'arch=x64&env=dos'])
      expect(await ask(none)).toMatchObject({ status: 404 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
