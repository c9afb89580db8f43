/** The file through which scripts call `metalwright-ts`. */
export interface Launcher {
  readonly fileName: string;
  readonly text: string;
}

/**
 * A small program that starts the agent's own as `ts`. A link would not do: the agent in a small OS needs
 * libraries of its own (platform/linux/agent-install.ts), which no other program is to see.
 * @param argv the agent's program, and its arguments before those of the script
 */
export function launcherFor(
  system: NodeJS.Platform,
  argv: readonly [string, ...string[]],
  libraryPath: string | undefined,
): Launcher {
  if (system === 'win32') {
    const words = argv.map((word) => `"${word.replaceAll('%', '%%')}"`);
    return {
      fileName: 'metalwright-ts.cmd',
      text: `@${words.join(' ')} ts %*\r\n`,
    };
  }
  const libraries = libraryPath === undefined ? '' : `LD_LIBRARY_PATH=${quoted(libraryPath)} `;
  return {
    fileName: 'metalwright-ts',
    text: `#!/bin/sh\n${libraries}exec ${argv.map(quoted).join(' ')} ts "$@"\n`,
  };
}

/** One word of a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
