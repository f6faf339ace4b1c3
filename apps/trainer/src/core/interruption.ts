/** Why a leaseholder stops working without an outcome. Neither is an error of the training. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(readonly why: 'lease-lost' | 'shutting-down') {
    super(
      why === 'lease-lost' ? 'The lease of this job has gone to another trainer.' : 'This trainer is shutting down.',
    );
  }
}
