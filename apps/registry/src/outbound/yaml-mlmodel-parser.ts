import { parse } from 'yaml';
import { MlModelParser } from '../core/model-directory.js';

/** MLmodel files are YAML; aliases are capped, since a few lines of them can describe a tree without end. */
export class YamlMlModelParser extends MlModelParser {
  parse(text: string): unknown {
    return parse(text, { maxAliasCount: 100, schema: 'core' });
  }
}
