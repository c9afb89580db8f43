import { describe, expect, it } from 'vitest';
import { Envelope, lockMedia, mediaPasswordCost, openEnvelope } from './password-envelope.ts';

const cost = { memoryKib: 8 * 1024, passes: 1, parallelism: 1 };
const id = '6f9619ff-8b86-4d01-b42d-00c04fc964ff';
const secret = JSON.stringify({ sequence: 'Payroll', value: 'hunter2' });
const wrong = expect.objectContaining({ name: 'MediaError', code: 'media.password' });

describe('M42 the password of media', () => {
  it('opens what it has sealed, with the key of single values', async () => {
    const lock = await lockMedia('Grüße aus Wien', id, cost);
    const envelope = Envelope.parse(JSON.parse(JSON.stringify(lock.seal(secret))));
    if (envelope.kind !== 'password') throw new Error('it is in clear');
    // Typed as another keyboard composes it.
    const opened = await openEnvelope(envelope, 'Grüße aus Wien'.normalize('NFD'), id);
    expect(opened.text).toBe(secret);
    expect(opened.variableKey).toEqual(lock.variableKey);
  });

  it('opens nothing when it is another, on other media, or after a change', async () => {
    const sealed = (await lockMedia('right password', id, cost)).seal(secret);
    await expect(openEnvelope(sealed, 'Right password', id)).rejects.toEqual(wrong);
    await expect(openEnvelope(sealed, '', id)).rejects.toEqual(wrong);
    await expect(openEnvelope(sealed, 'right password', id.replace('6', '7'))).rejects.toEqual(
      wrong,
    );
    const bytes = Buffer.from(sealed.sealed, 'base64');
    for (const at of [0, 20, bytes.length - 1]) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const altered = { ...sealed, sealed: Buffer.from(changed).toString('base64') };
      await expect(openEnvelope(altered, 'right password', id)).rejects.toEqual(wrong);
    }
    const cut = { ...sealed, sealed: bytes.subarray(0, 10).toString('base64') };
    await expect(openEnvelope(cut, 'right password', id)).rejects.toEqual(wrong);
  });

  it('gives nothing away of what is sealed, and is never the same twice', async () => {
    const [one, other] = [await lockMedia('same', id, cost), await lockMedia('same', id, cost)];
    const texts = [one.seal(secret), other.seal(secret)].map((sealed) => JSON.stringify(sealed));
    expect(texts[0]).not.toBe(texts[1]);
    for (const text of texts)
      for (const word of ['Payroll', 'hunter2', 'same']) {
        expect(text).not.toContain(word);
        expect(text).not.toContain(Buffer.from(word).toString('base64').slice(0, 6));
      }
  });

  it('costs memory that a machine of 1 GB has, and 64 MiB and more', () => {
    expect(mediaPasswordCost.memoryKib).toBeGreaterThanOrEqual(64 * 1024);
    expect(mediaPasswordCost.memoryKib).toBeLessThanOrEqual(256 * 1024);
    const greedy = { ...mediaPasswordCost, kind: 'password', algorithm: 'argon2id' };
    const fields = { salt: Buffer.alloc(16).toString('base64'), sealed: '' };
    expect(Envelope.safeParse({ ...greedy, ...fields, memoryKib: 2 ** 31 }).success).toBe(false);
  });
});
