import { expect, it } from 'vitest';
import { shareText, shareUrl } from './share-address.ts';

it.each([
  ['//server/content', 'smb://server/content', '//server/content'],
  ['\\\\server\\content\\', 'smb://server/content', '//server/content'],
  ['//10.9.0.2/Content $/site', 'smb://10.9.0.2/Content%20%24/site', '//10.9.0.2/Content $/site'],
])('M38 %s is the share %s', (written, url, text) => {
  expect(shareUrl(written)).toBe(url);
  expect(shareText(url)).toBe(text);
});

it.each(['server/content', '//server', '//server/', '///content', '//a b/content', '//s//c', ''])(
  '%j is no share',
  (text) => {
    expect(() => shareUrl(text)).toThrow(expect.objectContaining({ code: 'cli.usage' }));
  },
);

it('leaves the address of a web server as it is', () => {
  expect(shareText('https://dp.example/a%20b')).toBe('https://dp.example/a%20b');
});
