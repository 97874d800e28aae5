import { ApiError } from '../api-error.ts';

export function badSelector(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}
