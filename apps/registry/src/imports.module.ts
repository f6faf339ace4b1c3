import type { Provider } from '@nestjs/common';
import { construct } from '#runtime/nest';
import { Experiments } from './core/experiments.js';
import { FreezeModel } from './core/freeze-model.js';
import { ImportModels } from './core/imports/import-models.js';
import { ImportTracking } from './core/imports/import-tracking.js';
import { Imports } from './core/imports/imports.js';
import { LoggedModels } from './core/logged-models.js';
import { RunData } from './core/runs.js';
import { Transactions } from './core/transactions.js';
import { PostgresImports } from './outbound/postgres/postgres-imports.js';
import { PostgresModelVersions } from './outbound/postgres/postgres-model-versions.js';
import { PostgresRegisteredModels } from './outbound/postgres/postgres-registered-models.js';
import { RegistryDatabase } from './outbound/postgres/registry-database.js';

/** The import of another server's history; on the plain rows, so that no webhook is told of what happened long ago. */
export const importProviders: Provider[] = [
  { ...construct(PostgresImports, RegistryDatabase), provide: Imports },
  construct(ImportTracking, Transactions, Imports, Experiments, RunData, LoggedModels),
  construct(ImportModels, Transactions, Imports, PostgresRegisteredModels, PostgresModelVersions, FreezeModel),
];
