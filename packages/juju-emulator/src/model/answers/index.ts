export * from './action-specs';
export * from './application-config';
export * from './application-info';
export * from './model-info';
export * from './operations';
export * from './removal';
export * from './unit-info';
