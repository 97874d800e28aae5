import { ApiError } from '../../api-error.ts';

/** How the client wants an answer of objects: as they are, as rows to print, or without spec and status. */
export type Representation = 'object' | 'Table' | 'PartialObjectMetadata';

const MEDIA_TYPES = new Set(['application/json', 'application/yaml', 'application/*', '*/*']);
const META_VERSIONS = new Set(['v1', 'v1beta1']);

/** The first of the client's choices that we serve, as JSON or YAML; throws 406 when there is none. */
export function negotiate(accept: string | undefined): Representation {
  if (!accept) return 'object';
  for (const choice of accept.split(',')) {
    const [mediaType = '', ...parameters] = choice.split(';').map((part) => part.trim());
    if (!MEDIA_TYPES.has(mediaType.toLowerCase())) continue;
    const {
      as,
      v: version,
      g: group,
    } = Object.fromEntries(parameters.map((part) => part.split('=')));
    if (as === undefined) return 'object';
    if (group !== 'meta.k8s.io' || !META_VERSIONS.has(version ?? '')) continue;
    if (as === 'Table') return 'Table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      return 'PartialObjectMetadata';
    }
  }
  throw notAcceptable();
}

export function notAcceptable(): ApiError {
  return new ApiError(
    406,
    'NotAcceptable',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    {},
  );
}
