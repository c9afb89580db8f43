import type { ScratchFolder } from '#agent/sequence/platform.ts';

/** The scratch folders of a simulated machine: whoever looks while a program runs finds its files. */
export class ScratchFolders {
  readonly #files = new Map<string, Uint8Array>();
  #made = 0;

  /** The file at a path of a folder that is there now. */
  read(path: string): Uint8Array | undefined {
    return this.#files.get(path);
  }

  /** Paths of all files that are there now. */
  paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  make(files: Readonly<Record<string, Uint8Array>>): ScratchFolder {
    const path = `/simulated/scratch-${++this.#made}`;
    const paths = Object.entries(files).map(([name, bytes]) => {
      this.#files.set(`${path}/${name}`, bytes);
      return `${path}/${name}`;
    });
    return {
      path,
      file: (name) => `${path}/${name}`,
      [Symbol.asyncDispose]: async () => {
        for (const each of paths) this.#files.delete(each);
      },
    };
  }
}
