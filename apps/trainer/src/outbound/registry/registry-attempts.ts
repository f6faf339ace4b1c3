import { Attempts, type Attempt, type AttemptSpec } from '../../core/attempts.js';
import { refusal, type MlflowClient } from './mlflow.client.js';
import { RegistryTracking } from './registry-tracking.js';

/** Attempts by the registry's own API; what follows speaks MLflow's with the token. */
export class RegistryAttempts extends Attempts {
  constructor(private readonly registry: MlflowClient) {
    super();
  }

  async begin({ requestId, fence, promote }: AttemptSpec): Promise<Attempt> {
    try {
      const path = `/api/v1/training-requests/${requestId}/attempts`;
      const { token } = await this.registry.own<{ token: string }>('POST', path, { fence, promote });
      const client = this.registry.with(token);
      return {
        token,
        tracking: new RegistryTracking(client),
        during: (signal) => new RegistryTracking(client.during(signal)),
      };
    } catch (error) {
      throw refusal(error);
    }
  }
}
