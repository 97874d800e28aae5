export { type KernelDataPlane, loadBaseRules, startKernelDataPlane } from './data-plane.ts';
