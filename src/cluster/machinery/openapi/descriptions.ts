import { brotliDecompressSync } from 'node:zlib';

/** Texts by model and field; that of the type itself under ''. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

let loading: Promise<Descriptions> | undefined;

/** The API's documentation: a file of its own, unpacked when somebody asks for the first time. */
export function loadDescriptions(): Promise<Descriptions> {
  loading ??= import('./descriptions.generated.ts').then(({ packedDescriptions }) => {
    const text = brotliDecompressSync(Buffer.from(packedDescriptions, 'base64')).toString();
    return JSON.parse(text) as Descriptions;
  });
  return loading;
}
