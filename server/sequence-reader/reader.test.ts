import { afterEach, expect, it } from 'vitest';
import { createSequenceReader, type SequenceReader } from './reader.ts';

let reader: SequenceReader;
afterEach(() => reader.close());

const text = (name: string) =>
  `name: ${name}\nsteps:\n  - { step: A, type: set-variable, params: { name: A, value: b } }\n`;

it('reads several texts, says what is wrong with one, and starts anew after it was closed', async () => {
  reader = createSequenceReader();
  const [one, wrong, two] = await Promise.allSettled([
    reader.read(text('One')),
    reader.read('name: [\n'),
    reader.read(`disabled: true\n${text('Two')}`),
  ]);
  expect(one).toMatchObject({ value: { name: 'One', disabled: false } });
  expect(two).toMatchObject({ value: { name: 'Two', disabled: true } });
  expect(wrong).toMatchObject({ reason: { code: 'sequence.text' } });
  await reader.close();
  expect(await reader.read(text('Three'))).toMatchObject({ name: 'Three' });
});

it('gives up what takes too long, and reads the next', async () => {
  reader = createSequenceReader(1);
  // The worker has not even started within a millisecond.
  await expect(reader.read(text('Slow'))).rejects.toMatchObject({
    code: 'sequence.text',
    message: expect.stringContaining('took too long'),
  });
  await reader.close();
  reader = createSequenceReader();
  expect(await reader.read(text('Next'))).toMatchObject({ name: 'Next' });
});
