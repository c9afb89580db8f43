import { expect, it } from 'vitest';
import { grubConfig } from './grub-config.ts';

const text = grubConfig({ bootHttpPort: 7480, agentPort: 7443, kernelArguments: ['quiet'] });

it('M50 hands the server, both ports and the MAC to the kernel', () => {
  expect(text).toContain(
    'linux /vmlinuz metalwright.server=$server metalwright.boot-port=7480 metalwright.agent-port=7443 ' +
      'BOOTIF=01-$mac console=ttyS0,115200 console=tty0 quiet;',
  );
  expect(text).toContain('initrd /loader.img /site.img');
});

it('M57 names the other servers of the site, eight at most', () => {
  const others = Array.from({ length: 9 }, (_, index) => ({
    agents: `10.0.0.${index + 2}:7443`,
    boot: `http://10.0.0.${index + 2}:7480`,
  }));
  const two = grubConfig({ bootHttpPort: 7480, agentPort: 7443, others: others.slice(0, 2) });
  expect(two).toContain(
    'metalwright.agent-port=7443 metalwright.servers=10.0.0.2:7443,10.0.0.3:7443 ' +
      'metalwright.boot-servers=http://10.0.0.2:7480,http://10.0.0.3:7480 BOOTIF=',
  );
  expect(grubConfig({ bootHttpPort: 1, agentPort: 2, others })).not.toContain('10.0.0.10');
});

it('ends with boot, without which GRUB loads a kernel and sits there', () => {
  expect(text.trimEnd().split('\n').at(-1)).toBe('boot');
});

it('uses only commands that the signed GRUB has built in', () => {
  const builtIn = /^(set|regexp|echo|while|do|if|linux|initrd|boot|fi|sleep|exit|done|else)\b/;
  const commands = text.split('\n').map((line) => line.trim());
  expect(commands.filter((line) => line !== '' && !builtIn.test(line))).toEqual([]);
});

it('says what to do and gives the machine back to its firmware when nothing can be fetched', () => {
  expect(text).toContain('metalwright doctor');
  expect(text.indexOf('sleep --interruptible 60')).toBeLessThan(text.indexOf('\n    exit\n'));
});
