import { plantedSuite } from './suite.ts'

plantedSuite(['shop'])
