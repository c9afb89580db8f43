import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SEAL_NONCE_BYTES, sealValue } from '#agent/protocol/sealed-value.ts';
import { isSecretName } from '#agent/sequence/secret-names.ts';
import { variableNameProblem, variableValueProblem } from '#agent/sequence/variables.ts';
import { mediaLoaderFiles } from '#boot/image/linux-pe/media-loaders.ts';
import type { MediaPlan } from '#media/build/lay-files.ts';
import type { MediaDescription, MediaPrivate } from '#media/description.ts';
import { MediaError } from '#media/media-error.ts';
import { LEAST_MEDIA_PASSWORD_CHARACTERS, lockMedia } from '#media/password-envelope.ts';
import { AGENT_FILE } from '../agent-package.ts';
import type { ContentStore } from '../content/store.ts';
import type { MediaCreate } from '../http/api-media.ts';
import { InventoryError } from '../inventory/error.ts';
import { siteImage } from '../netboot/site-image.ts';
import type { NetbootInterface } from '../netboot/snapshot.ts';
import type { Store } from '../store/operations.ts';
import { readVersion } from '../version.ts';
import type { MediaFacts } from './media-record.ts';
import { planStandAlone, type StandAloneParts } from './plan-stand-alone.ts';

/** What a plan is made of. */
export interface PlanParts {
  readonly store: Pick<Store, 'settings' | 'sequences' | 'standAlone'>;
  readonly content: Pick<ContentStore, 'file'>;
  /** Folder of Linux PE and its agent; null where none is set. */
  readonly bootImageDirectory: string | null;
  readonly siteCa: string;
  /** The boot key's file, as signify reads it. */
  readonly bootKey: string;
  readonly interfaces: () => readonly NetbootInterface[];
  readonly ports: () => { readonly agents: number; readonly boot: number };
  /** Agents' listeners of the other servers of the site. */
  readonly otherServers: (localAddress: string) => readonly string[];
  readonly nowMs: () => number;
}

/**
 * What media are to consist of, before anything is made.
 * @throws {MediaError} `media.*`; {InventoryError} `variable.name`, `variable.too-long`
 */
export async function makePlan(
  parts: PlanParts,
  wish: MediaCreate,
  { id, key }: { readonly id: string; readonly key: string },
): Promise<{ readonly plan: Omit<MediaPlan, 'sign'>; readonly facts: MediaFacts }> {
  checkWish(wish, parts.nowMs());
  const bootImage = await bootImageFolder(parts.bootImageDirectory);
  const held = await planContent(parts, wish);
  const reached =
    wish.kind === 'stand-alone' ? { servers: [], bootBase: null } : await reachedAt(parts, wish);
  const description: MediaDescription = {
    format: 1,
    id,
    kind: wish.kind,
    label: wish.label,
    architecture: 'x64',
    madeMs: parts.nowMs(),
    madeBy: readVersion(),
    site: createHash('sha256').update(parts.siteCa).digest('hex'),
    validFromMs: wish.validFromMs ?? null,
    validUntilMs: wish.validUntilMs ?? null,
    unknownComputers: wish.unknownComputers,
    ...reached,
    password: wish.password !== undefined,
  };
  return {
    plan: {
      description,
      private: await sealPrivate(wish, { id, key, standAlone: held?.grant }),
      bootImage,
      siteImage: siteImage(parts.siteCa, parts.bootKey),
      agent: join(bootImage, AGENT_FILE),
      objects: held?.objects ?? [],
    },
    facts: {
      variables: wish.variables.map(({ name }) => name.trim()),
      hasPrestart: wish.prestart !== undefined,
      ...(held === undefined ? {} : { sequence: held.sequence, packages: [...held.packages] }),
      warnings: [...warningsOf(wish), ...(held?.warnings ?? [])],
    },
  };
}

/** What media hold beside Linux PE; undefined of bootable ones. */
async function planContent(
  parts: PlanParts,
  wish: MediaCreate,
): Promise<StandAloneParts | undefined> {
  switch (wish.kind) {
    case 'bootable':
      return undefined;
    case 'stand-alone':
      return planStandAlone(parts, wish);
    case 'prestaged': {
      // What stand-alone media lack such a machine has, but for content: it meets the server.
      const { grant: _, warnings, ...held } = await planStandAlone(parts, wish);
      const missing = warnings.filter(({ code }) => code.startsWith('content.'));
      return { ...held, grant: undefined, warnings: missing };
    }
  }
}

function checkWish(
  { password, variables, validFromMs, validUntilMs }: MediaCreate,
  nowMs: number,
): void {
  if (password !== undefined && password.length < LEAST_MEDIA_PASSWORD_CHARACTERS)
    throw new MediaError(
      'media.password-short',
      `the password has ${password.length} characters, it needs ${LEAST_MEDIA_PASSWORD_CHARACTERS}`,
      { hint: 'Whoever finds the media may try as often as they like: take a long one.' },
    );
  if (validUntilMs !== undefined && validUntilMs <= Math.max(nowMs, validFromMs ?? 0))
    throw new MediaError('media.validity', 'the media would never be good', {
      hint: 'They end before they begin, or in the past.',
    });
  const seen = new Set<string>();
  for (const { name, value, secret } of variables) {
    const bad = variableNameProblem(name);
    if (bad !== undefined) throw new InventoryError('variable.name', bad);
    const tooLong = variableValueProblem(value);
    if (tooLong !== undefined) throw new InventoryError('variable.too-long', `${name}: ${tooLong}`);
    const known = name.trim().toLowerCase();
    if (seen.has(known))
      throw new InventoryError('variable.name', `${name} is given more than once`);
    seen.add(known);
    if (password === undefined && (secret || isSecretName(known)))
      throw new MediaError(
        'media.password-needed',
        `${name} is secret, and media without a password hide nothing`,
        { hint: 'Give the media a password, or set the variable on the server.' },
      );
  }
}

function warningsOf({ password }: MediaCreate): MediaFacts['warnings'] {
  if (password !== undefined) return [];
  const message = 'There is no password: whoever has the media can use them and read them';
  return [{ code: 'media.no-password', message }];
}

async function sealPrivate(
  { password, variables, prestart }: MediaCreate,
  {
    id,
    key,
    standAlone,
  }: { readonly id: string; readonly key: string; readonly standAlone: unknown },
): Promise<MediaPlan['private']> {
  const lock = password === undefined ? undefined : await lockMedia(password, id);
  const document: MediaPrivate = {
    variables: variables.map(({ name, value, secret: wanted }) => {
      const secret = wanted || isSecretName(name);
      if (lock === undefined || !secret) return { name: name.trim(), value, secret };
      const sealing = { key: lock.variableKey, nonce: randomBytes(SEAL_NONCE_BYTES) };
      const sealed = sealValue(sealing, { owner: `media:${id}`, name }, value);
      return { name: name.trim(), value: sealed, secret };
    }),
    prestart: prestart === undefined ? null : { commandLine: prestart },
    key,
    ...(standAlone === undefined ? {} : { standAlone }),
  };
  const text = JSON.stringify(document);
  return lock === undefined ? { kind: 'plain', text } : lock.seal(text);
}

/** Where bootable media find the site. @throws {MediaError} `media.no-address` */
async function reachedAt(
  parts: PlanParts,
  wish: MediaCreate,
): Promise<Pick<MediaDescription, 'servers' | 'bootBase'>> {
  const address = await serverAddress(parts, wish.serverAddress);
  const { agents, boot } = parts.ports();
  const servers = [`${address}:${agents}`, ...parts.otherServers(address)];
  return { servers, bootBase: `http://${address}:${boot}` };
}

/** @throws {MediaError} `media.no-boot-image` */
async function bootImageFolder(folder: string | null): Promise<string> {
  const needed = ['vmlinuz', 'loader.img', 'rest.squashfs', 'manifest', 'shimx64.efi', 'mmx64.efi'];
  const hint = `Build it with \`node scripts/build-boot.ts --out ${folder ?? '<folder>'}\`, then start the server again.`;
  if (folder === null)
    throw new MediaError('media.no-boot-image', 'No folder with boot images is set', { hint });
  for (const name of [...needed, ...mediaLoaderFiles, AGENT_FILE])
    if ((await stat(join(folder, name)).catch(() => undefined))?.isFile() !== true)
      throw new MediaError('media.no-boot-image', `${folder} has no ${name}`, { hint });
  return folder;
}

/** The address that machines reach this server at. @throws {MediaError} `media.no-address` */
async function serverAddress(
  { store, interfaces }: Pick<PlanParts, 'store' | 'interfaces'>,
  wanted: string | undefined,
): Promise<string> {
  if (wanted !== undefined) return wanted;
  const { answerOn } = await store.settings.get();
  const all = interfaces();
  const answering = answerOn.flatMap((name) => all.find((each) => each.name === name) ?? []);
  const [found] = answering.length > 0 ? answering : all;
  if (found !== undefined) return found.address;
  throw new MediaError(
    'media.no-address',
    'It is not known at which address machines reach this server',
    { hint: 'Say it: --server-address.' },
  );
}
