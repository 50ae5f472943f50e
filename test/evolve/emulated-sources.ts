import { candidateProgram } from '../../evolve/evaluation/candidate-program.ts';
