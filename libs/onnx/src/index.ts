export { arrayOf, elementCount, type Tensor, type TensorData } from './tensor.js';
export { ML_DOMAIN, type Attribute, type Graph, type GraphNode, type Initializer } from './graph.js';
export { writeModel } from './write-model.js';
export { readModel, type OnnxModelSummary } from './read-model.js';
export { type OnnxValue, type OtherValue, type TensorValue } from './value-info.js';
export { signatureOf } from './signature.js';
export { limits, type Limits } from './limits.js';
