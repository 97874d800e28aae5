import { once } from 'node:events';
import { ApiError } from '../../api-error.ts';
import type { FaultTable } from '../../faults/fault-table.ts';
import type { RequestEffect } from '../../faults/fault.ts';
import { attributesOf } from '../auth/attributes.ts';
import type { User } from '../auth/user.ts';
import type { Exchange } from './exchange.ts';

const REASONS = {
  403: 'Forbidden',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
} as const;

/** Lets a fault that names this request strike; tells whether the request is still to be served. */
export async function meetFault(
  faults: FaultTable,
  exchange: Pick<Exchange, 'request' | 'response' | 'url'>,
  user: User,
): Promise<boolean> {
  const effect = faults.isEmpty ? undefined : effectOn(faults, exchange, user);
  return !effect || (await strike(effect, exchange));
}

/** The same for an upgrade; what comes after is for the faults of exec. */
export async function meetUpgradeFault(
  faults: FaultTable,
  { request, url }: Pick<Exchange, 'request' | 'url'>,
  user: User,
): Promise<boolean> {
  const effect = faults.isEmpty ? undefined : effectOn(faults, { request, url }, user);
  const { socket } = request;
  switch (effect?.type) {
    case 'status':
      throw refusal(effect);
    case 'lost-request':
    case 'lost-answer':
      socket.destroy();
      return false;
    case 'timeout':
      if (!socket.destroyed) await once(socket, 'close');
      return false;
    case 'delay':
    case 'cut':
    case undefined:
      return true;
  }
}

function effectOn(
  faults: FaultTable,
  { request, url }: Pick<Exchange, 'request' | 'url'>,
  user: User,
): RequestEffect | undefined {
  return faults.request({ ...attributesOf(request.method ?? 'GET', url), user: user.username });
}

function refusal(effect: RequestEffect & { readonly type: 'status' }): ApiError {
  const { code, retryAfterSeconds, message = 'a rehearsed fault' } = effect;
  const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
  return new ApiError(code, REASONS[code], message, details);
}

async function strike(
  effect: RequestEffect,
  { request, response }: Pick<Exchange, 'request' | 'response'>,
): Promise<boolean> {
  switch (effect.type) {
    case 'status':
      throw refusal(effect);
    case 'lost-request':
      request.socket.destroy();
      return false;
    case 'timeout':
      if (!response.destroyed) await once(response, 'close');
      return false;
    case 'lost-answer':
      response.write = () => true;
      response.end = () => {
        request.socket.destroy();
        return response;
      };
      return true;
    case 'cut': {
      const timer = setTimeout(() => response.destroy(), effect.afterMs);
      response.once('close', () => clearTimeout(timer));
      return true;
    }
    case 'delay':
      delayAnswer(response, effect.ms);
      return true;
  }
}

/** Every byte leaves so much later than it would have, in its order. */
function delayAnswer(response: Exchange['response'], ms: number): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const later = (call: () => void) => void setTimeout(call, ms);
  response.write = (...args: unknown[]) => {
    later(() => void Reflect.apply(write, response, args));
    return true;
  };
  response.end = (...args: unknown[]) => {
    later(() => void Reflect.apply(end, response, args));
    return response;
  };
}
