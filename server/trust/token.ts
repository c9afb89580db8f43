import { hash as digest, randomBytes } from 'node:crypto';

/** Hash a token is kept under: whoever reads the database learns no token. */
export function hash(token: string): string {
  return digest('sha256', token);
}

/** 256 bits, base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}
