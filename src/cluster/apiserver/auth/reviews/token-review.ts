import { badRequest } from '../../words.ts';
import type { Authenticator } from '../authenticate.ts';
import { API_AUDIENCES } from '../claims.ts';

/** `status` of a TokenReview: whose token it is, and for whom it is meant. */
export function answerTokenReview(review: object, authenticator: Authenticator): object {
  const { spec } = review as {
    readonly spec?: { readonly token?: string; readonly audiences?: readonly string[] | null };
  };
  if (!spec?.token) throw badRequest('token is required for TokenReview in authentication');
  const audiences = spec.audiences?.length ? spec.audiences : API_AUDIENCES;
  const verdict = authenticator.review(spec.token, audiences);
  if (!verdict) return { user: {} };
  if ('error' in verdict) return { user: {}, error: verdict.error };
  return { authenticated: true, user: verdict.user, audiences: verdict.audiences };
}
