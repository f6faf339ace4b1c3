import { z } from 'zod';
import { checkedAlias, checkedModelName, checkedNewAlias, checkedStage } from '../../core/model-names.js';
import { checkedRegistryTag, checkedTagKey } from '../../core/registry-names.js';
import { list, required, text } from './fields.js';

/** Fields of the model registry's messages; what is refused is refused in MLflow's words. */
export const registeredName = required.transform((name) => checkedModelName(name));
export const newRegisteredName = required.transform((name) => checkedModelName(name, 'new_name'));
export const aliasName = required.transform(checkedAlias);
export const newAliasName = required.transform(checkedNewAlias);
export const stageName = required.transform(checkedStage);
export const tagKey = required.transform(checkedTagKey);

/** A tag whose value may be left out; a key that is missing is one that can't be. */
const tag = z.object({ key: text.default(''), value: text.default('') });
export const registryTags = list(tag.transform(checkedRegistryTag));
/** The tag that a request sets, spread over the message. */
export const tagOf = ({ key, value }: z.infer<typeof oneTag>) => checkedRegistryTag({ key, value });
export const oneTag = tag.extend({ key: required });
