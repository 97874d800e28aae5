import { hasNamespaces, type Level } from '../network/index.ts';
import { containerPath } from './container-path.ts';
import { builtInImages, type Image, type ImageCatalogue } from './images.ts';

export interface ImageBookOptions {
  readonly level: Level;
  /** Takes the programs that are written for the built-in images. */
  readonly directory: string;
  /** Images besides the built-in ones; the same name replaces. */
  readonly images?: ImageCatalogue;
}

/** The images all nodes have; what is added later is there for containers that start from then on. */
export class ImageBook {
  readonly #builtIn: ImageCatalogue;
  readonly #added: Map<string, Image>;

  constructor({ level, directory, images = {} }: ImageBookOptions) {
    this.#builtIn = builtInImages({
      path: containerPath(),
      directory,
      mounts: hasNamespaces(level),
    });
    this.#added = new Map(Object.entries(images));
  }

  get all(): ImageCatalogue {
    return { ...this.#builtIn, ...Object.fromEntries(this.#added) };
  }

  set(name: string, image: Image): void {
    this.#added.set(name, image);
  }

  /** Gives a built-in image back its own meaning; false when nothing of that name was added. */
  remove(name: string): boolean {
    return this.#added.delete(name);
  }
}
