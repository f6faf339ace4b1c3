import { open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PartialFile } from '../core/model-files.js';
import { makeFolder } from './make-folder.js';
import { syncFolder } from './write-durably.js';

/** The beginning of a download, in a file that becomes the whole one under its final name. */
export class DiskPartialFile implements PartialFile {
  private isOpen = true;

  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    private readonly whole: string,
    private length: number,
  ) {}

  /** @param whole where the file lies once it is whole */
  static async open(path: string, whole: string): Promise<DiskPartialFile> {
    await makeFolder(dirname(path));
    await makeFolder(dirname(whole));
    const file = await open(path, 'a+');
    try {
      return new DiskPartialFile(file, path, whole, (await file.stat()).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async arrived(target: Uint8Array): Promise<number> {
    if (this.length > target.length) await this.restart();
    let read = 0;
    while (read < this.length) {
      const { bytesRead } = await this.file.read(target, read, this.length - read, read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return read;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.file.writeFile(bytes);
    this.length += bytes.length;
  }

  async restart(): Promise<void> {
    await this.file.truncate(0);
    this.length = 0;
  }

  async complete(): Promise<void> {
    await this.file.sync();
    await this.cut();
    await rename(this.path, this.whole);
    await syncFolder(dirname(this.whole));
  }

  async cut(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.file.close();
  }
}
