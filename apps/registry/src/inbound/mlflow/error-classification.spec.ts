import { describe, expect, it } from 'vitest';
import { PlatformError } from '#runtime';
import { classificationOf } from './error-classification.js';
import { mlflowErrorBody, MlflowOnlyError } from './mlflow-errors.js';

const problem = { type: '', title: '', status: 404, code: 'NOT_FOUND', detail: 'No Experiment with id=9 exists' };
const request = { method: 'GET', url: '/api/2.0/mlflow/experiments/get' };
const bodyOf = (error: Error) => mlflowErrorBody(request, problem, error)?.body;

describe("the classification of MLflow's errors", () => {
  it.each([
    ['RESOURCE_DOES_NOT_EXIST', { sqlstate: 'KAM00', error_class: 'RESOURCE_NOT_FOUND' }],
    ['INVALID_PARAMETER_VALUE', { sqlstate: 'KAM00', error_class: 'INVALID_PARAMETER_VALUE' }],
    ['INTERNAL_ERROR', { sqlstate: 'XXM00', error_class: 'CLIENT_INTERNAL_ERROR' }],
    ['NOT_IMPLEMENTED', undefined],
  ])('of %s is %j', (code, expected) => {
    expect(classificationOf(code)).toEqual(expected);
  });

  it('stands in the body, and is left out where MLflow has none', () => {
    expect(bodyOf(new PlatformError('NOT_FOUND', problem.detail))).toEqual({
      error_code: 'RESOURCE_DOES_NOT_EXIST',
      message: problem.detail,
      sqlstate: 'KAM00',
      error_class: 'RESOURCE_NOT_FOUND',
    });
    expect(bodyOf(new MlflowOnlyError(501, 'NOT_IMPLEMENTED', 'no'))).toEqual({
      error_code: 'NOT_IMPLEMENTED',
      message: 'no',
    });
  });
});
