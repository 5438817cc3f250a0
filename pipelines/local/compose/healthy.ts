/** `node healthy.ts PORT`: the health check of our containers. Exit code 0 when GET /health/ready answers 2xx. */
import { answersOk } from '../process/probes.ts'

process.exit((await answersOk(`http://127.0.0.1:${process.argv[2]}/health/ready`)) ? 0 : 1)
