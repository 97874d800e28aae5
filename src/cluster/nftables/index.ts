export { loadBaseRules, startKernelDataPlane } from './data-plane.ts';
