import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands the handler's own error to the strategy. Nest's default for microservices replaces it by `{status, message}`, which
 * loses the code that decides between retry and dead letter. HTTP errors are left to the app's other filters: register it
 * on the microservice, not on the app.
 */
@Catch()
export class PassErrorsOn implements ExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}
