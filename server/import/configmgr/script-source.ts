/** The text of a script, or why there is none. */
export type ScriptSource = { readonly script: string } | { readonly reason: string };

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const SIGNATURE = '# SIG # Begin signature block';

/**
 * Reads the script of a Run PowerShell Script step: base64 of UTF-16 with a byte order mark, little-endian
 * as the console writes it. Lines end as in this project, unless a signature covers the text.
 */
export function readScriptSource(base64: string): ScriptSource {
  const plain = base64.replaceAll(/\s+/g, '');
  if (!BASE64.test(plain)) return { reason: 'it is not base64' };
  const text = decoded(Buffer.from(plain, 'base64'));
  if (text === undefined) return { reason: 'its bytes are no text' };
  if (text.includes('\0')) return { reason: 'there are NUL characters in it' };
  if (text.trim() === '') return { reason: 'it is empty' };
  return { script: text.includes(SIGNATURE) ? text : text.replaceAll(/\r\n?/g, '\n') };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** By its byte order mark; without one, text with a zero in each second byte is UTF-16. */
function encodingOf([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | 'utf-8' {
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return (first === 0xff && second === 0xfe) || second === 0 ? 'utf-16le' : 'utf-8';
}
