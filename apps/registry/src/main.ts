import { runMain } from '#runtime/nest';
import { startRegistry } from './start-registry.js';

await runMain('registry', startRegistry);
