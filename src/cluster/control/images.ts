import type { Image, ImageCatalogue } from '../kubelet/images.ts';
import type { Access } from '../launch/kubeconfig.ts';
import { ask } from './ask.ts';

/** What `image:` may name in a running cluster. */
export class Images {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** All images by name, the built-in ones too. */
  async list(): Promise<ImageCatalogue> {
    return (await ask(this.#access, 'GET', 'images')) as ImageCatalogue;
  }

  /** Adds or replaces one, for Pods that start from now on. */
  async set(name: string, image: Image): Promise<void> {
    await ask(this.#access, 'PUT', `images/${encodeURIComponent(name)}`, image);
  }

  /** Throws `ClusterError` when there is none of that name, or it is a built-in one. */
  async remove(name: string): Promise<void> {
    const hint = 'built-in images stay; see which there are: kubectl pitstop cluster images';
    await ask(this.#access, 'DELETE', `images/${encodeURIComponent(name)}`, undefined, hint);
  }
}
