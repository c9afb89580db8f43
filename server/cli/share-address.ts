import { CliError } from './cli-error.ts';

/**
 * The URL of a share that a person writes as `//server/share/folder` or `\\\\server\\share`.
 *
 * @throws {CliError} `cli.usage`
 */
export function shareUrl(text: string): string {
  const written = text.replaceAll('\\', '/').replace(/\/+$/, '');
  const [, server, ...names] = written.startsWith('//') ? written.slice(1).split('/') : [];
  if (server === undefined || !/^[\w.-]+$/.test(server) || names.length === 0 || names.includes(''))
    throw new CliError('cli.usage', `${JSON.stringify(text)} is no share`, {
      hint: 'a share is written //server/share, a folder of it //server/share/folder',
      exitCode: 2,
    });
  return `smb://${[server, ...names.map(encodeURIComponent)].join('/')}`;
}

/** A share as people write it; the URL of anything else as it is. */
export function shareText(url: string): string {
  return url.startsWith('smb:') ? url.slice(4).split('/').map(decodeURIComponent).join('/') : url;
}
