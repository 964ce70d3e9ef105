import { readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ConfigError } from '../../errors.ts';
import type { Position } from '../reader.ts';

/** How far a sink has come: `sinks/NAME.json` in the log's folder. */
const schema = z.strictObject({
  segment: z.number().int().min(0),
  offset: z.number().int().min(0),
  sequence: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

export class Place {
  readonly #folder: string;
  readonly #file: string;

  /** @param folder of the log */
  constructor(folder: string, name: string) {
    this.#folder = join(folder, 'sinks');
    this.#file = join(this.#folder, `${name}.json`);
  }

  /**
   * @returns undefined where the sink is new
   * @throws ConfigError when the file can not be understood: to begin anew would send everything twice, unasked
   */
  load(): Position | undefined {
    try {
      return schema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new ConfigError([
        `${this.#file} does not say how far this sink has come (${code ?? 'it is damaged'}); without the file all of the log is sent again`,
      ]);
    }
  }

  /** Whole or not at all, a power failure included. @throws NodeJS.ErrnoException */
  async save(position: Position): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const draft = `${this.#file}.new`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(position)}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, this.#file);
  }
}
