import type { Secret, ServiceAccount } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../api.ts';
import { isNamespaceTerminating } from './api-errors.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from './object-meta.ts';
import type { Controller, ControllerContext } from './runner.ts';

const TOKEN_SECRET_TYPE = 'kubernetes.io/service-account-token';
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';

export interface TokenSecretOptions {
  /** PEM */
  readonly rootCa: string;
  /** Signs a token that is good as long as the Secret of this name is. */
  readonly issueSecretToken: (serviceAccount: KubeObject, secretName: string) => string;
}

/** Fills Secrets of type kubernetes.io/service-account-token, and removes them with their service account. */
export function tokenSecretController(
  { api, informers }: ControllerContext,
  { rootCa, issueSecretToken }: TokenSecretOptions,
): Controller {
  const accounts = informers.of('serviceaccounts');
  const secrets = informers.of('secrets');
  const byAccount = secrets.index((secret) =>
    secret.type === TOKEN_SECRET_TYPE
      ? [`${secret.metadata?.namespace}/${accountName(secret)}`]
      : [],
  );
  return {
    name: 'legacy-service-account-token',
    watch(queue) {
      secrets.onChange(({ type, object }) => {
        if (type !== 'DELETED' && object.type === TOKEN_SECRET_TYPE) queue.add(queueKey(object));
      });
      accounts.onChange(({ object }) => {
        for (const secret of byAccount.get(queueKey(object))) queue.add(queueKey(secret));
      });
    },
    reconcile(key) {
      const { namespace, name } = parseQueueKey(key);
      const secret = secrets.get({ namespace, name });
      if (!secret || isBeingDeleted(secret)) return;
      const account = accounts.get({ namespace, name: accountName(secret) });
      if (!account || !isSameAccount(secret, account)) {
        const { uid } = metaOf(secret);
        api.delete('secrets', { namespace, name }, { preconditions: { uid } });
        return;
      }
      const data = secret.data ?? {};
      const wanted = {
        ...data,
        'ca.crt': base64(rootCa),
        namespace: base64(namespace ?? ''),
        token: data['token'] || base64(issueSecretToken(account, name)),
      };
      const { uid } = metaOf(account);
      const isRight = Object.entries(wanted).every(([field, value]) => data[field] === value);
      if (isRight && secret.metadata?.annotations?.[UID] === uid) return;
      const annotations = { ...secret.metadata?.annotations, [UID]: uid };
      try {
        api.update(
          'secrets',
          { ...secret, metadata: { ...secret.metadata, annotations }, data: wanted },
          { fieldManager: FIELD_MANAGER },
        );
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error;
      }
    },
  };
}

function accountName({ metadata }: Secret): string {
  return metadata?.annotations?.[NAME] ?? '';
}

/** A Secret may have been made for an account of the same name that is gone. */
function isSameAccount({ metadata }: Secret, account: ServiceAccount): boolean {
  const uid = metadata?.annotations?.[UID] ?? '';
  return uid === '' || uid === metaOf(account).uid;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
