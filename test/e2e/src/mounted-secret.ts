import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A Secret as kubelet mounts it: files that are links into a folder that is a link, turned when the Secret changes. */
export class MountedSecret {
  readonly path: string;
  #version = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** The path of one of its files. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Puts other contents in place of all files at once. */
  async put(files: Readonly<Record<string, string>>): Promise<void> {
    this.#version += 1;
    const folder = `..${this.#version}`;
    await mkdir(this.file(folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.path, folder, name), text);
    await symlink(folder, this.file('..data_tmp'));
    await rename(this.file('..data_tmp'), this.file('..data'));
    if (this.#version > 1) return;
    for (const name of Object.keys(files)) await symlink(join('..data', name), this.file(name));
  }
}
