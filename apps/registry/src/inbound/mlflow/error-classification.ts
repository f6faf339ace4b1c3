/** What MLflow says of an error besides its code, since 3.11: a class, and a state of five letters for dashboards. */
export interface Classification {
  sqlstate: string;
  error_class: string;
}

const callersFault = (error_class: string): Classification => ({ sqlstate: 'KAM00', error_class });
const serversFault: Classification = { sqlstate: 'XXM00', error_class: 'CLIENT_INTERNAL_ERROR' };

/** By error code; MLflow says nothing of the codes that are missing here. */
const classes: Partial<Record<string, Classification>> = {
  BAD_REQUEST: callersFault('INVALID_PARAMETER_VALUE'),
  CUSTOMER_UNAUTHORIZED: callersFault('PERMISSION_DENIED'),
  ENDPOINT_NOT_FOUND: callersFault('RESOURCE_NOT_FOUND'),
  INVALID_PARAMETER_VALUE: callersFault('INVALID_PARAMETER_VALUE'),
  NOT_FOUND: callersFault('RESOURCE_NOT_FOUND'),
  PERMISSION_DENIED: callersFault('PERMISSION_DENIED'),
  RESOURCE_ALREADY_EXISTS: callersFault('RESOURCE_ALREADY_EXISTS'),
  RESOURCE_DOES_NOT_EXIST: callersFault('RESOURCE_NOT_FOUND'),
  INTERNAL_ERROR: serversFault,
  INVALID_STATE: serversFault,
  TEMPORARILY_UNAVAILABLE: serversFault,
};

export const classificationOf = (errorCode: string): Classification | undefined => classes[errorCode];
