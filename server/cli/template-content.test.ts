import { describe, expect, it } from 'vitest';
import { install } from '../templates/install.ts';
import type { ApiClient } from './api-client.ts';
import { readOffers } from './template-content.ts';

const image = (index: number, name: string) => ({
  index,
  name,
  architecture: 'x64',
  totalBytes: 1,
  kind: 'windows',
});
const stored = {
  '/images': [
    {
      id: 'MW100001',
      name: 'Windows 11',
      kind: 'os-image',
      version: 1,
      sizeBytes: 1,
      images: [image(1, 'Windows 11 Home'), image(6, 'Windows 11 Pro')],
      createdMs: 0,
    },
  ],
  '/packages': [
    { id: 'MW100002', name: 'USMT', version: 1, fileCount: 1, sizeBytes: 1, createdMs: 0 },
  ],
};
const api: ApiClient = {
  async call(_method, path, schema) {
    return schema.parse(Reflect.get(stored, path));
  },
  list: () => Promise.reject(new Error('no page is read')),
  download: () => Promise.reject(new Error('nothing is downloaded')),
  async [Symbol.asyncDispose]() {},
};
function question(answer: string) {
  const found = install.questions.find((one) => one.answer === answer);
  if (found === undefined) throw new Error(answer);
  return found;
}

describe('M13 what the server has to choose from', () => {
  it('is listed before the question', async () => {
    const offers = await readOffers(api);
    expect(offers.list(question('image'), {})).toBe('  Windows 11  (MW100001)\n');
    expect(offers.list(question('usmtPackage'), {})).toBe('  USMT  (MW100002)\n');
    expect(offers.list(question('index'), { image: 'Windows 11' })).toBe(
      '  1  Windows 11 Home (windows)\n  6  Windows 11 Pro (windows)\n',
    );
    expect(offers.list(question('name'), {})).toBe('');
    expect(offers.list(question('index'), { image: 'Another' })).toBe('');
  });

  it.each([
    ['image', 'windows 11', { value: 'Windows 11' }],
    ['image', 'mw100001', { value: 'Windows 11' }],
    ['image', 'Windows 1', { problem: expect.stringContaining('did you mean "Windows 11"') }],
    ['usmtPackage', 'Windows 11', { problem: expect.stringContaining('there is no package') }],
    ['index', '6', { value: 6 }],
    ['index', 'Windows 11 Pro', { value: 6 }],
    ['index', '2', { problem: expect.stringContaining('it has 1 "Windows 11 Home", 6 ') }],
    ['name', 'Anything', undefined],
  ])('of %s, "%s" is %j', async (answer, text, choice) => {
    const offers = await readOffers(api);
    expect(offers.choose(question(answer), text, { image: 'Windows 11' })).toEqual(choice);
  });

  it('says nothing of an image that it does not know', async () => {
    const offers = await readOffers(api);
    expect(offers.choose(question('index'), '2', {})).toBeUndefined();
  });
});
