import { writeFileSync } from 'node:fs';

/** Where a command writes: stdout for results, stderr for everything told to a human. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/** The terminal of one command line: results may go to a file instead, and whether there was one is remembered. */
export class VerbOutput implements Terminal {
  /** True when a result was printed. */
  hasResult = false;
  #file: string | undefined;
  #text = '';

  constructor(private readonly terminal: Terminal) {}

  /** Results go to this file (`-o FILE`); an empty path means stdout. */
  redirect(file: string | undefined): void {
    this.#file = file === '' ? undefined : file;
  }

  out(text: string): void {
    this.hasResult = true;
    if (this.#file === undefined) {
      this.terminal.out(text);
      return;
    }
    this.#text += text;
    writeFileSync(this.#file, this.#text);
  }

  err(text: string): void {
    this.terminal.err(text);
  }
}
