import { Transactions } from '../../core/transactions.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresTransactions extends Transactions {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  afterCommit(work: () => void): void {
    this.database.afterCommit(work);
  }
}
