import type { WebhookClientConfig } from 'kubernetes-types/admissionregistration/v1.js';

import { eachInvalid, type FieldError, invalidValue, required } from '../field-error.ts';
import { subdomainName } from './names.ts';

/** Where a webhook is asked: a URL or a Service, one of them. */
export function validateClientConfig(
  { url, service }: WebhookClientConfig,
  field: string,
): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(field, 'exactly one of url or service is required')];
  }
  return url === undefined
    ? validateService(service ?? {}, `${field}.service`)
    : validateUrl(url, `${field}.url`);
}

const form = '; desired format: https://host[/path]';

function validateUrl(text: string, field: string): FieldError[] {
  const url = URL.parse(text);
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1] ?? '';
  const errors: FieldError[] = [];
  if (scheme !== 'https') {
    const why = `'https' is the only allowed URL scheme${form}`;
    errors.push(invalidValue(field, scheme, why));
  }
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/?#]+/i.test(text)) {
    errors.push(invalidValue(field, '', `host must be specified${form}`));
  }
  if (url && (url.username || url.password)) {
    const shown = url.password ? `${url.username}:${url.password}` : url.username;
    errors.push(invalidValue(field, shown, 'user information is not permitted in the URL'));
  }
  if (url?.hash)
    errors.push(invalidValue(field, url.hash.slice(1), 'fragments are not permitted in the URL'));
  if (url?.search) {
    const why = 'query parameters are not permitted in the URL';
    errors.push(invalidValue(field, url.search.slice(1), why));
  }
  return errors;
}

function validateService(
  { name, namespace, path, port }: Partial<NonNullable<WebhookClientConfig['service']>>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${field}.name`, 'service name is required'));
  if (!namespace) errors.push(required(`${field}.namespace`, 'service namespace is required'));
  if (port !== undefined && (port < 1 || port > 65_535)) {
    const why = 'port is not valid: must be between 1 and 65535, inclusive';
    errors.push(invalidValue(`${field}.port`, port, why));
  }
  return path === undefined ? errors : [...errors, ...validatePath(path, `${field}.path`)];
}

function validatePath(path: string, field: string): FieldError[] {
  if (path === '/') return [];
  if (path === '//') return [invalidValue(field, path, 'segment[0] may not be empty')];
  if (!path.startsWith('/')) return [invalidValue(field, path, "must start with a '/'")];
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  return segments.flatMap((segment, index) =>
    segment === ''
      ? [invalidValue(field, path, `segment[${index}] may not be empty`)]
      : eachInvalid(
          field,
          path,
          subdomainName(segment).map((why) => `segment[${index}]: ${why}`),
        ),
  );
}
