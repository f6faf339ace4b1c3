export { services, type S3Service } from './services.js';
export { uniqueName } from './names.js';
export { fuzzCases } from './environment.js';
export { eventually } from './eventually.js';
export { freshDatabase } from './postgres/fresh-database.js';
export { dumpSchema } from './postgres/dump-schema.js';
