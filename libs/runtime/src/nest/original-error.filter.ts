import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Passes the error of an event handler on as it was thrown. Nest would turn it into `{status, message}`, and the shell
 * around the handler could no longer tell by its code whether to retry, wait or give up.
 */
@Catch()
export class OriginalErrorFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
