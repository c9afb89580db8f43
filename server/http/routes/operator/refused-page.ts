import type { ErrorBody } from '#agent/protocol/error.ts';
import { plainPage } from './plain-page.ts';

/** A page for a browser that was led here and is refused: what, what to do, and the way back. */
export function refusedPage({ code, message, hint }: ErrorBody): string {
  return plainPage({
    title: 'Not signed in',
    message: `${message}.`,
    hint,
    code,
    link: { href: '/', text: 'To the sign-in page' },
  });
}
