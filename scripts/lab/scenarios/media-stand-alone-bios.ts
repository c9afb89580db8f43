import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { biosMachine, makeMedia, saidUntilEnd } from '../media.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { formatDisk } from '../sequences.ts';
import { openSite, type Site } from '../site.ts';

/** A machine with a BIOS and no network adapter: a stick, with a restart in the middle, and a disc. */
export const mediaStandAloneBios = defineScenario({
  name: 'media-stand-alone-bios',
  title:
    'A stick and a disc do their work on a machine with a BIOS and no network adapter, through a restart back to the stick.',
  kind: 'machine',
  estimateSeconds: 250,
  core: false,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    const image = await packageMedia(lab, site, 'Stick', true);
    const once = await packageMedia(lab, site, 'Disc', false);
    await site.kill();
    const stick = await biosMachine(lab, image, { network: false });
    await stick.powerOn();
    await saidUntilEnd(lab, stick, 'From Stick');
    expect(stick.boots() === 2, `it was started twice, it was ${stick.boots()} times`);
    await stick.cutPower();

    const more = { media: { image: once, as: 'disc' }, network: false, name: 'm3' } as const;
    const disc = await biosMachine(lab, once, more);
    await disc.powerOn();
    await saidUntilEnd(lab, disc, 'From Disc');
    const said = await disc.serial();
    const words = ['Nothing can be written to these media', 'a power cut means'];
    for (const text of words) expect(said.includes(text), `the screen says "${text}"`, () => said);
  },
});

/** Files of a package; with a restart that leads back to the media, before and after it. */
async function packageMedia(
  lab: Lab,
  site: Site,
  label: string,
  restarts: boolean,
): Promise<string> {
  const folder = join(lab.directory, label);
  await mkdir(folder);
  await writeFile(join(folder, 'hello.sh'), 'echo hello from the media\n');
  await site.metalwright('package', 'add', folder, '--name', label);
  const hello = (step: string) => ({
    step,
    type: 'run-command',
    params: { commandLine: 'sh hello.sh', package: { name: label } },
  });
  const more = [
    { step: 'Restart to the media', type: 'restart', params: { target: 'pe' } },
    hello('Say hello again'),
  ];
  const steps = [hello('Say hello'), formatDisk('ext4', 64), ...(restarts ? more : [])];
  const name = `From ${label}`;
  await site.addSequence({ name, steps });
  return makeMedia(lab, site, ['stand-alone', label, '--sequence', name, '--unattended']);
}
