import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DeploymentView, PackageView, type RunDetail } from '#server/http/api.ts';
import { SequenceView } from '#server/http/api-sequences.ts';
import { runCommand } from '../child.ts';
import { expectRun, seeHistory } from '../history.ts';
import { type LoopCase, loopCase } from '../loop-bench.ts';
import { loopImage } from '../loop-images.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatDisk } from '../sequences.ts';
import { openSite, type SequenceDocument, type Site } from '../site.ts';

const IMAGE = 'Captured gold';
/** What the reference has when it has run, beside what every loop image has. */
const REFERENCE = {
  'etc/os-release': 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  'etc/ssh/ssh_host_ed25519_key': 'the secret of one machine\n',
  'etc/ssh/ssh_host_ed25519_key.pub': 'its public half\n',
  'etc/ssh/sshd_config': 'Port 22\n',
  'var/lib/dhcp/dhclient.leases': 'lease { }\n',
  'var/log/syslog': 'what the reference did\n',
  'srv/Grüße.txt': 'set up by hand: äöü\n',
  'usr/bin/our-tool': '#!/bin/sh\nexit 0\n',
};
/** Gone on a machine of the image, and made anew at its first start. */
const OF_ONE_MACHINE = [
  'etc/ssh/ssh_host_ed25519_key',
  'etc/ssh/ssh_host_ed25519_key.pub',
  'var/lib/dhcp/dhclient.leases',
];
/** The agent leaves a loop machine's system as it is: on a real one it removes itself. */
const AGENT = /^(opt|etc)\/metalwright(\/|$)|metalwright-agent\.service$/;
const ENDS = [
  'Format the disk: ok',
  'Apply the image: ok',
  'Restart: ok',
  'Prepare the client: ok',
  'Prepare the system: ok',
  'Capture: ok',
];

/** A reference machine captured to the server, once with the power cut, and deployed to another one. */
export const captureDeploy = defineScenario({
  name: 'capture-deploy',
  title: 'A Linux is prepared, captured to the server over HTTPS and deployed to another machine.',
  kind: 'loop',
  estimateSeconds: 75,
  core: false,
  async run(lab) {
    const { wim } = await loopImage(lab.directory, 'linux', 'x64', REFERENCE);
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Reference');
    const reference = await loopCase(lab, site, {
      number: 1,
      document: captureSequence('Capture it', 'Reference'),
      diskMiB: 512,
    });
    const run = await runToSuccess(lab, reference);
    expectRun(run, ENDS);
    const images = async () => (await site.api()).call('GET', '/images', z.array(PackageView));
    const [captured] = (await images()).filter(({ name }) => name === IMAGE);
    lab.see('history', `the server has "${IMAGE}": ${JSON.stringify(captured?.images)}`);
    expect(
      captured?.images[0]?.kind === 'linux' && captured.images[0].architecture === 'x64',
      'an OS image that says of itself what it is',
      () => JSON.stringify(captured),
    );

    const other = await loopCase(lab, site, {
      number: 2,
      document: { name: 'Deploy it', steps: [formatDisk('ext4', 64), applyImage(IMAGE)] },
      diskMiB: 512,
    });
    await runToSuccess(lab, other);
    await compare(lab, reference, other);

    await captureByHand(lab, site, other);

    const started = run.events.find(
      ({ fact }) => fact.kind === 'step-started' && fact.name === 'Capture',
    );
    for (const [index, ms] of [150, 700, 1500].entries()) {
      const cut = `during:${started?.seq ?? 0}+${ms}`;
      const document = captureSequence(`Capture it, cut ${ms}`, 'Reference');
      const again = await loopCase(lab, site, { number: 3 + index, document, diskMiB: 512, cut });
      const cutRun = await runToSuccess(lab, again);
      const attempts = cutRun.events.filter(
        ({ fact }) => fact.kind === 'step-started' && fact.name === 'Capture',
      );
      const wasCut = again.machine.wasCut();
      lab.see(
        'machine',
        `power cut ${ms} ms into the capture: ${wasCut ? `${attempts.length} attempts` : 'it had ended'}`,
      );
    }
    const versions = (await images()).find(({ name }) => name === IMAGE)?.version;
    expect(
      versions !== undefined && versions >= 4,
      'each capture is one version more, at least',
      () => String(versions),
    );
  },
});

/** Started by a person in the system that runs: what is asked for is answered by options and by a program. */
async function captureByHand(lab: Lab, site: Site, bench: LoopCase): Promise<void> {
  const api = await site.api();
  const steps = [
    { step: 'Prepare the system', type: 'prepare-windows', params: {} },
    { step: 'Capture', type: 'capture-image', params: { destination: 'server:Unnamed' } },
  ];
  const text = JSON.stringify({ name: 'By hand', steps });
  await api.call('POST', '/sequences', SequenceView, { json: { text, format: 'json' } });
  const aim = { sequence: 'By hand', collection: 'Only LOOP-2', purpose: 'available', accepts: [] };
  await api.call('POST', '/deployments', DeploymentView, { json: aim });
  for (const name of ['OSDCaptureDestination', 'OSDImageVersion'])
    await site.metalwright('variable', 'set', '--collection', 'Only LOOP-2', `${name}=`);
  const prestart = 'sh -c "metalwright-ts set OSDImageVersion 7"';
  const answer = 'OSDCaptureDestination=server:By hand';
  const words = ['capture', '--set', answer, '--prestart', prestart];
  const exit = await bench.machine.runToEnd('full-os', words);
  const run = await bench.run();
  seeHistory(lab, run);
  expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => JSON.stringify(run));
  expectRun(run, ['Prepare the system: ok', 'Capture: ok']);
  const images = await api.call('GET', '/images', z.array(PackageView));
  expect(
    images.some(({ name }) => name === 'By hand'),
    'the image has the name that was answered',
    () => JSON.stringify(images),
  );
  lab.see('machine', 'started by hand in the installed system: asked, prepared, captured');
}

function captureSequence(name: string, image: string): SequenceDocument {
  return {
    name,
    steps: [
      formatDisk('ext4', 64),
      applyImage(image),
      { step: 'Restart', type: 'restart', params: { target: 'hd' } },
      { step: 'Prepare the client', type: 'prepare-client', params: {} },
      { step: 'Prepare the system', type: 'prepare-windows', params: {} },
      {
        step: 'Capture',
        type: 'capture-image',
        params: { destination: `server:${IMAGE}`, description: 'By the lab', version: '1' },
      },
    ],
  };
}

async function runToSuccess(lab: Lab, bench: LoopCase): Promise<RunDetail> {
  const exit = await bench.machine.runToEnd();
  const run = await bench.run();
  seeHistory(lab, run);
  expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => JSON.stringify(run));
  return run;
}

/** All files of both systems: kind, mode, owner and content. */
async function compare(lab: Lab, reference: LoopCase, other: LoopCase): Promise<void> {
  const [wanted, found] = [await treeOf(lab, reference), await treeOf(lab, other)];
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].toSorted();
  const different = names.filter((name) => wanted[name] !== found[name]);
  lab.see('disk', `${names.length} files and folders compared, ${different.length} are different`);
  expect(different.length === 0, 'the other machine has what the reference has', () =>
    different.map((name) => `${name}: ${wanted[name]} / ${found[name]}`).join('\n'),
  );
  for (const name of OF_ONE_MACHINE)
    expect(found[name] === undefined, `${name} is in no image`, () => String(found[name]));
  expect(
    found['etc/machine-id']?.endsWith(EMPTY) === true,
    'its machine-id is empty, to be made at its first start',
    () => String(found['etc/machine-id']),
  );
  expect(
    names.some((name) => name.startsWith('srv/Gr')),
    'what was set up by hand is there',
  );
}

const EMPTY = createHash('sha256').digest('hex');

async function treeOf(lab: Lab, { device }: LoopCase): Promise<Record<string, string>> {
  const place = await mkdtemp(join(lab.directory, 'tree-'));
  await runCommand(['mount', '-t', 'ext4', '-o', 'ro', `${device}p2`, place]);
  try {
    const all: Record<string, string> = {};
    for (const name of await readdir(place, { recursive: true })) {
      if (AGENT.test(name) || name === 'lost+found') continue;
      const path = join(place, name);
      const facts = await lstat(path);
      const content = facts.isFile()
        ? createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
        : facts.isSymbolicLink()
          ? await readlink(path)
          : '';
      all[name] = `${facts.mode.toString(8)} ${facts.uid}:${facts.gid} ${content}`;
    }
    return all;
  } finally {
    await runCommand(['umount', place]);
  }
}
