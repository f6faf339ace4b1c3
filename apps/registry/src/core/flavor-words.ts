/** What people call the flavors of MLflow that are not ONNX; the first that a model has names it. */
const words: readonly [string, string][] = [
  ['sklearn', 'a scikit-learn model'],
  ['xgboost', 'an XGBoost model'],
  ['lightgbm', 'a LightGBM model'],
  ['catboost', 'a CatBoost model'],
  ['pytorch', 'a PyTorch model'],
  ['tensorflow', 'a TensorFlow model'],
  ['keras', 'a Keras model'],
  ['transformers', 'a Transformers pipeline'],
  ['sentence_transformers', 'a Sentence Transformers model'],
  ['spark', 'a Spark model'],
  ['h2o', 'an H2O model'],
  ['statsmodels', 'a statsmodels model'],
  ['prophet', 'a Prophet model'],
  ['langchain', 'a LangChain application'],
  ['python_function', 'a Python function'],
];

/** Why a model of these flavors can not be served, in words that its author understands. */
export const flavorWords = (flavors: Readonly<Record<string, unknown>>): string => {
  const [flavor, what] = words.find(([name]) => name in flavors) ?? ['', 'a model without an ONNX file'];
  const isPickled = /pickle/i.test(JSON.stringify(flavors[flavor] ?? ''));
  return `it is ${what}${isPickled ? ', kept as a pickle' : ''}, and only ONNX is served: log it with mlflow.onnx.log_model, or attach its ONNX file to this version (PUT …/servable)`;
};
