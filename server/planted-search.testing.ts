/** In plain, percent, hex, base64 (at each offset of three, both alphabets), UTF-16 of both orders. */
function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  const little = Buffer.from(text, 'utf16le');
  const percent = encodeURIComponent(text);
  return [
    bytes,
    little,
    Buffer.from(little).swap16(),
    ...[
      percent,
      percent.replaceAll('%20', '+'),
      percent.replaceAll(/%../g, (code) => code.toLowerCase()),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ...base64,
      ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    ].map((form) => Buffer.from(form)),
  ];
}

const forms = new Map<string, Buffer[]>();
/** Which of the words are in it, in any form. */
export function leaksIn(bytes: Uint8Array | string, wanted: readonly string[]): string[] {
  const where = Buffer.from(bytes);
  return wanted.filter((secret) => {
    const known = forms.get(secret) ?? formsOf(secret);
    forms.set(secret, known);
    return known.some((form) => where.includes(form));
  });
}
