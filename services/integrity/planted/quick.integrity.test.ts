import { plantedSuite } from './suite.ts'

plantedSuite(['model', 'simulation'])
