import { describe, expect, it } from 'vitest';
import { chooseSigner, remember, type SignerMemory } from './signer-choice.ts';

const both = ['2023', '2011'] as const;
const after = (...outcomes: ('loaded' | 'refused')[]): SignerMemory | undefined => {
  let memory: SignerMemory | undefined;
  for (const outcome of outcomes) {
    const choice = chooseSigner('auto', both, memory);
    if (choice.kind === 'refused') throw new Error(choice.reason);
    memory = remember(memory, choice.signer, outcome);
  }
  return memory;
};
const next = (memory: SignerMemory | undefined) => chooseSigner('auto', both, memory);

describe('M50 which boot manager a machine gets', () => {
  it('begins with the older authority', () => {
    expect(next(undefined)).toEqual({ kind: 'signer', signer: '2011', why: 'which comes first' });
  });

  it('tries a second time before it changes, and says why it changed', () => {
    expect(next(after('refused'))).toMatchObject({ signer: '2011', why: 'which was tried last' });
    expect(next(after('refused', 'refused'))).toEqual({
      kind: 'signer',
      signer: '2023',
      why: 'because the one of 2011 was fetched 2 times and nothing followed: Secure Boot refuses it there',
    });
  });

  it('keeps what loaded, and changes again when that is refused later', () => {
    const loaded = after('refused', 'refused', 'loaded');
    expect(loaded).toEqual({ signer: '2023', failures: 0, loaded: true });
    expect(next(loaded)).toMatchObject({ signer: '2023', why: 'which has loaded here before' });
    expect(next(after('refused', 'refused', 'loaded', 'refused', 'refused'))).toMatchObject({
      signer: '2011',
    });
  });

  it('goes back to the first when the other one is refused as well', () => {
    expect(next(after('refused', 'refused', 'refused', 'refused'))).toMatchObject({
      signer: '2011',
    });
  });

  it('obeys a setting to the letter', () => {
    const memory = after('refused', 'refused');
    expect(chooseSigner('2011', both, memory)).toMatchObject({ signer: '2011', why: 'as is set' });
    expect(chooseSigner('2023', ['2011'], memory)).toEqual({
      kind: 'refused',
      reason: 'has no boot manager that the 2023 authority signed',
    });
  });

  it('has no other one to offer where the image has one', () => {
    expect(chooseSigner('auto', ['2011'], after('refused', 'refused'))).toMatchObject({
      signer: '2011',
    });
    expect(chooseSigner('auto', ['2023'], after('refused'))).toEqual({
      kind: 'signer',
      signer: '2023',
      why: 'the only one there is',
    });
    expect(chooseSigner('auto', [], undefined)).toEqual({
      kind: 'refused',
      reason: 'has no boot manager for UEFI',
    });
  });
});
