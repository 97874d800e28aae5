import type { Output } from '../io.ts';

const home = '\u001B[H';
const clearScreen = '\u001B[2J';
const clearLine = '\u001B[K';
const clearBelow = '\u001B[J';

/**
 * Draws a text from the top of the terminal, over the one before: only the first time is the screen
 * cleared, so that nothing flickers. What is longer than the screen ends with how much more there is.
 */
export class Screen {
  readonly #output: Output;
  #isDrawn = false;

  constructor(output: Output) {
    this.#output = output;
  }

  draw(text: string): void {
    const { rows = 0, columns = 0 } = this.#output;
    const all = text.replace(/\n$/, '').split('\n');
    const fits = rows === 0 || all.length < rows;
    const shown = fits ? all : [...all.slice(0, rows - 2), `… ${all.length - rows + 2} more lines`];
    const lines = shown.map(
      (line) => `${columns > 0 ? line.slice(0, columns) : line}${clearLine}\n`,
    );
    const start = this.#isDrawn ? home : home + clearScreen;
    this.#output.write(`${start}${lines.join('')}${clearBelow}`);
    this.#isDrawn = true;
  }
}
