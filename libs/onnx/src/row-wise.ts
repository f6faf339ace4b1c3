import type { Constant, Operator, OperatorList } from './operators.js';
import { rules, type Flow } from './row-wise-rules.js';

/**
 * True when every row of every output depends on the same row of the inputs alone, whatever the values: each operator on the way from
 * inputs to outputs is known to keep the first axis apart. What is not known to do so is taken to mix: a scale over the whole tensor
 * (`DynamicQuantizeLinear`), a maximum over the rows, a transposition, a loop.
 */
export const isRowWise = ({ inputs, outputs, constants, operators, hasFunctions }: OperatorList): boolean => {
  if (hasFunctions) return false;
  const flows = new Map<string, Flow>();
  for (const [name, rank] of inputs) {
    if (rank === undefined || rank === 0) return false;
    flows.set(name, { isRows: true, rank });
  }
  // An initializer that is listed among the inputs is the default that nobody overrides here.
  for (const [name, constant] of constants) flows.set(name, { isRows: false, ...constant });
  return operators.every((operator) => follow(operator, flows)) && outputs.every((name) => flows.get(name)?.isRows);
};

/** Notes what the operator's outputs are; false when rows may be mixed, or when that can't be told. */
const follow = (operator: Operator, flows: Map<string, Flow>): boolean => {
  const { name, inputs, outputs } = operator;
  if (operator.hasBody || chance.test(name)) return false;
  // Inputs that are left out have the empty name.
  const given = inputs.map((input) => (input === '' ? undefined : flows.get(input)));
  if (inputs.some((input, at) => input !== '' && given[at] === undefined)) return false;
  if (!given.some((flow) => flow?.isRows)) {
    const constant = operator.constant ?? (sameConstant.has(name) ? asConstant(given[0]) : {});
    for (const output of outputs) flows.set(output, { isRows: false, ...constant });
    return true;
  }
  const ranks = rules.get(name)?.(operator, given);
  if (ranks === undefined || outputs.length > ranks.length) return false;
  outputs.forEach((output, at) => flows.set(output, { isRows: true, rank: ranks[at] }));
  return true;
};

const chance = /^:(Random|Multinomial|Bernoulli)/;
const sameConstant = new Set([':Identity', ':Cast']);

const asConstant = (flow: Flow | undefined): Constant =>
  flow === undefined || flow.isRows ? {} : { rank: flow.rank, integers: flow.integers };
